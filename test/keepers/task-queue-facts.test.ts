import type { Client } from '@temporalio/client';
import { msToTs } from '@temporalio/common/lib/time.js';
import { expect, it } from 'vitest';
import { isPolled, keeperQueueFacts } from '../../src/keepers/task-queue-facts.js';

/** A server that names one worker, which has polled so long ago by the clock here. */
function serverWhoseWorkerPolled(agoMs: number): Client {
  const describeTaskQueue = async () => ({
    pollers: [{ lastAccessTime: msToTs(Date.now() - agoMs) }],
  });
  return { options: {}, workflowService: { describeTaskQueue } } as unknown as Client;
}

it.each([
  ['was killed three minutes ago', 3 * 60_000, 0],
  ['polls, on a machine whose clock is ten minutes ahead', 10 * 60_000, 1],
  ['polls, on a machine whose clock is ten minutes behind', -10 * 60_000, 1],
])('a worker that %s is counted as such', async (_what, agoMs, workers) => {
  const facts = await keeperQueueFacts(serverWhoseWorkerPolled(agoMs));
  expect([facts.workers, isPolled(facts)]).toEqual([workers, workers === 1]);
});
