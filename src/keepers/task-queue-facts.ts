import type { Client } from '@temporalio/client';
import { optionalTsToMs } from '@temporalio/common/lib/time.js';
import proto from '@temporalio/proto';
import type { temporal } from '@temporalio/proto';
import { groupOfTaskQueue, KEEPER_TASK_QUEUE } from '../contract/names.js';
import { POLL_MS, POLLER_NAMED_MAX_MS, POLLER_SILENCE_MAX_MS } from './numbers.js';

/** What a task queue's tasks are for. */
export const { TASK_QUEUE_TYPE_WORKFLOW, TASK_QUEUE_TYPE_ACTIVITY } =
  proto.temporal.api.enums.v1.TaskQueueType;

/** What the Temporal server knows of a task queue and its workers. */
export interface TaskQueueFacts {
  /** Workers that polled within `POLLER_SILENCE_MAX_MS`. A killed worker counts for as long. */
  readonly workers: number;
  /** How long ago the last of them polled, in milliseconds; infinite if none did. */
  readonly polledAgoMs: number;
  /** Tasks that wait for a worker; 0 also if the server does not tell. */
  readonly waiting: number;
  /** How long the oldest of them has waited, in milliseconds. */
  readonly oldestWaitedMs: number;
}

/** Whether workers ask for its tasks. One that is idle does so at least once in `POLL_MS`. */
export function isPolled({ polledAgoMs }: Pick<TaskQueueFacts, 'polledAgoMs'>): boolean {
  return polledAgoMs < POLL_MS;
}

/** Which workers alone serve a task queue, to stand behind words about it; empty if all do. */
export function servedByText(taskQueue: string): string {
  const group = groupOfTaskQueue(taskQueue);
  if (group === undefined) return '';
  return `; only workers whose EVERTOKEN_RATE_LIMITS names ${group} serve it`;
}

/** Asks for a task queue's workers and backlog. Rejects with Temporal's errors. */
export async function taskQueueFacts(
  { workflowService, options }: Client,
  name: string,
  taskQueueType: temporal.api.enums.v1.TaskQueueType,
): Promise<TaskQueueFacts> {
  const { pollers, stats } = await workflowService.describeTaskQueue({
    namespace: options.namespace,
    taskQueue: { name },
    taskQueueType,
    reportStats: true,
  });
  const nowMs = Date.now();
  const polledAgoMs = pollers.map(({ lastAccessTime }) => {
    const agoMs = nowMs - (optionalTsToMs(lastAccessTime) ?? 0);
    // Then the clock here is ahead, and only the server's word that it polls is left.
    return agoMs > POLLER_NAMED_MAX_MS ? 0 : agoMs;
  });
  const age = stats?.approximateBacklogAge;
  return {
    workers: polledAgoMs.filter((agoMs) => agoMs < POLLER_SILENCE_MAX_MS).length,
    polledAgoMs: Math.min(Number.POSITIVE_INFINITY, ...polledAgoMs),
    waiting: Number(stats?.approximateBacklogCount ?? 0),
    oldestWaitedMs: age === null || age === undefined ? 0 : (optionalTsToMs(age) ?? 0),
  };
}

/** Whether anybody serves keepers, and how far behind they are. Rejects with Temporal's errors. */
export function keeperQueueFacts(client: Client): Promise<TaskQueueFacts> {
  return taskQueueFacts(client, KEEPER_TASK_QUEUE, TASK_QUEUE_TYPE_WORKFLOW);
}
