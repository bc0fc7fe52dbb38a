import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { WorkerOptions } from '@temporalio/worker';

/** The code of the keepers. The build makes a bundle of it beside `worker.ts`; without a build it is bundled at start. */
export function workflowCode(): Pick<
  WorkerOptions,
  'workflowBundle' | 'workflowsPath' | 'interceptors'
> {
  const codePath = fileURLToPath(new URL('../workflow-bundle.js', import.meta.url));
  if (existsSync(codePath)) return { workflowBundle: { codePath } };
  const workflows = (file: string): string =>
    fileURLToPath(new URL(`../workflows/${file}`, import.meta.url));
  return {
    workflowsPath: workflows('index.js'),
    interceptors: { workflowModules: [workflows('untimely-activation.js')] },
  };
}
