import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { bundleWorkflowCode, DefaultLogger } from '@temporalio/worker';
import { ROOT } from './setup/step.mjs';

const built = (path) => fileURLToPath(new URL(`../dist/${path}`, import.meta.url));

/**
 * The SDK takes a stack trace, and looks each frame up in the source map, for every promise that a workflow makes. With the
 * ten frames of V8 that was nearly half of the CPU of the thread that runs keepers.
 */
const STACK_FRAMES = 3;

const WORKFLOWS = built('workflows/index.js');
const INTERCEPTORS = built('workflows/untimely-activation.js');

// Bundling at build time lets a worker start seconds sooner, and every worker of a build runs the same code.
const { code } = await bundleWorkflowCode({
  workflowsPath: WORKFLOWS,
  workflowInterceptorModules: [INTERCEPTORS],
  // A keeper that had its own copy of each module would take a worker a third more memory.
  preloadModules: [WORKFLOWS, INTERCEPTORS],
  // A workflow makes its failures inside the bundle: without this their messages would rest unsealed.
  failureConverterPath: built('encryption/failure-converter.cjs'),
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
// On the line that is there, so that the source map still fits.
writeFileSync(built('workflow-bundle.js'), `Error.stackTraceLimit = ${STACK_FRAMES}; ${code}`);
