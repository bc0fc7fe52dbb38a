import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { bundleWorkflowCode, DefaultLogger } from '@temporalio/worker';
import { ROOT } from './setup/step.mjs';

// Bundling at build time lets a worker start seconds sooner, and every worker of a build runs the same code.
const { code } = await bundleWorkflowCode({
  workflowsPath: fileURLToPath(new URL('../dist/workflows/index.js', import.meta.url)),
  logger: new DefaultLogger('ERROR'),
  webpackConfigHook: (config) => ({
    ...config,
    // Stack traces name files as the project does, wherever it was built.
    output: {
      ...config.output,
      devtoolModuleFilenameTemplate: ({ absoluteResourcePath }) =>
        absoluteResourcePath.replace(ROOT, ''),
    },
  }),
});
writeFileSync(new URL('../dist/workflow-bundle.js', import.meta.url), code);
