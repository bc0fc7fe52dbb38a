import { NativeConnection, Worker, type WorkerOptions } from '@temporalio/worker';
import { WORKFLOW_CODE_LIMIT } from '../../src/worker.js';
import { installQuietRuntime } from './quiet-runtime.js';
import { shared } from './shared-resources.js';
import type { TestNamespace } from './test-namespace.js';

/** What a worker of a test serves. */
export interface TestWorkerOptions {
  readonly taskQueue: string;
  /** Serves our workflows; default false. */
  readonly workflows?: boolean;
  readonly activities?: object;
  /** Where the test differs from the SDK's defaults, such as a data converter. */
  readonly options?: Omit<WorkerOptions, 'taskQueue'>;
}

/** A worker that polls. */
export interface RunningWorker {
  /** Resolves when it has ended. */
  stop(): Promise<void>;
}

/** Starts a worker in a test's namespace. */
export async function startTestWorker(
  { address, namespace }: Pick<TestNamespace, 'address' | 'namespace'>,
  { taskQueue, workflows = false, activities, options }: TestWorkerOptions,
): Promise<RunningWorker> {
  installQuietRuntime();
  const connection = await NativeConnection.connect({ address });
  const worker = await Worker.create({
    connection,
    namespace,
    taskQueue,
    ...(workflows && {
      ...WORKFLOW_CODE_LIMIT,
      workflowBundle: { codePath: await shared('workflowBundlePath') },
    }),
    ...(activities && { activities }),
    ...options,
  });
  const ended = worker.run();
  return {
    stop: async () => {
      worker.shutdown();
      await ended;
      await connection.close();
    },
  };
}
