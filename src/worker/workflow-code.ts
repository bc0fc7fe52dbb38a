import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { WorkerOptions } from '@temporalio/worker';

/** The code of the keepers. The build makes a bundle of it beside `worker.ts`; without a build it is bundled at start. */
export function workflowCode(): Pick<
  WorkerOptions,
  'workflowBundle' | 'workflowsPath' | 'interceptors' | 'bundlerOptions'
> {
  const codePath = fileURLToPath(new URL('../workflow-bundle.js', import.meta.url));
  if (existsSync(codePath)) return { workflowBundle: { codePath } };
  const fileOf = (name: string): string =>
    fileURLToPath(new URL(`../workflows/${name}`, import.meta.url));
  const workflows = fileOf('index.js');
  const interceptors = fileOf('untimely-activation.js');
  return {
    workflowsPath: workflows,
    interceptors: { workflowModules: [interceptors] },
    bundlerOptions: { preloadModules: [workflows, interceptors] },
  };
}
