import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { bundleWorkflowCode, DefaultLogger } from '@temporalio/worker';
import { FAILURE_CONVERTER_PATH } from '../../src/encryption/data-converter.js';

/** The modules whose exports are the workflow types. */
const WORKFLOWS = {
  current: '../../src/workflows/index.ts',
  incompatible: '../upgrade/incompatible-workflows.ts',
} as const;

const INTERCEPTORS = '../../src/workflows/untimely-activation.ts';

/** Bundles workflows into the directory and returns the bundle's path. */
export async function writeWorkflowBundle(
  directory: string,
  workflows: keyof typeof WORKFLOWS,
): Promise<string> {
  const workflowsPath = fileURLToPath(new URL(WORKFLOWS[workflows], import.meta.url));
  const interceptors = fileURLToPath(new URL(INTERCEPTORS, import.meta.url));
  const { code } = await bundleWorkflowCode({
    workflowsPath,
    workflowInterceptorModules: [interceptors],
    preloadModules: [workflowsPath, interceptors],
    failureConverterPath: FAILURE_CONVERTER_PATH,
    logger: new DefaultLogger('ERROR'),
  });
  const path = join(directory, `${workflows}-workflow-bundle.js`);
  await writeFile(path, code);
  return path;
}
