import { fileURLToPath } from 'node:url';
import { optionalTsToMs } from '@temporalio/common/lib/time.js';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { serverStart } from '../../src/activities/server-start.js';
import { openTestNamespace, type TestNamespace } from '../support/test-namespace.js';
import { type RunningWorker, startTestWorker } from '../support/test-worker.js';
import { waiting } from './waiting-workflow.js';

export interface StartActivities {
  readonly serverStart: typeof serverStart;
}

const TASK_QUEUE = 'waiting';
let namespace: TestNamespace;
let worker: RunningWorker;

beforeAll(async () => {
  namespace = await openTestNamespace({ searchAttributes: false });
  worker = await startTestWorker(namespace, {
    taskQueue: TASK_QUEUE,
    activities: { serverStart } satisfies StartActivities,
    options: { workflowsPath: fileURLToPath(new URL('./waiting-workflow.ts', import.meta.url)) },
  });
});
afterAll(async () => {
  await worker.stop();
  await namespace.close();
});

it('the server says of an attempt that is being run when it started it, as its history does later', async () => {
  const handle = await namespace.client.workflow.start(waiting, {
    workflowId: 'waiting',
    taskQueue: TASK_QUEUE,
  });
  const told = await handle.result();
  const { events } = await handle.fetchHistory();
  const started = events?.find((event) => event.activityTaskStartedEventAttributes);
  expect(told).toBeDefined();
  expect(told).toBe(optionalTsToMs(started?.eventTime));
});
