import type { Client } from '@temporalio/client';
import type { ActivityWait } from '../client/keeper-port.js';
import { TokenError } from '../client/token-error.js';
import { taskFailure } from './inspection.js';
import { PROBE_DEADLINE_MS } from './numbers.js';
import {
  isPolled,
  keeperQueueFacts,
  servedByText,
  TASK_QUEUE_TYPE_ACTIVITY,
  taskQueueFacts,
  type TaskQueueFacts,
} from './task-queue-facts.js';
import { CANNOT_RUN, CLIENT_CLOSED, isClosed, NO_WORKER, SERVER_AWAY } from './temporal-error.js';

/**
 * Why a keeper is silent: no worker runs it, the workers are behind, or the server itself is away.
 * @param more what whoever asked must know besides
 */
export async function unansweredError(client: Client, id: string, more = ''): Promise<TokenError> {
  const reason = await client
    .withDeadline(Date.now() + PROBE_DEADLINE_MS, () => silenceReason(client, id))
    .catch((error: unknown) => (isClosed(error) ? CLIENT_CLOSED : SERVER_AWAY));
  return new TokenError('UNAVAILABLE', id, reason + more);
}

async function silenceReason(client: Client, id: string): Promise<string> {
  const [facts, cause] = await Promise.all([
    keeperQueueFacts(client),
    // The facts of the task queue say enough without it.
    taskFailure(client, id).catch(() => undefined),
  ]);
  return cause === undefined || !isPolled(facts) ? reasonOf(facts) : CANNOT_RUN;
}

/** Why no fresh token came, if the reason is that no worker takes refreshes from this task queue; else `undefined`. */
export async function unservedError(
  client: Client,
  id: string,
  { taskQueue }: ActivityWait,
): Promise<TokenError | undefined> {
  const reason = await unservedReason(client, taskQueue);
  return reason === undefined ? undefined : new TokenError('UNAVAILABLE', id, reason);
}

/**
 * What is so if no worker takes refreshes from this task queue or, without one, no worker serves keepers; else `undefined`.
 * Rejects with Temporal's errors.
 */
export async function unservedReason(
  client: Client,
  taskQueue?: string,
): Promise<string | undefined> {
  if (taskQueue === undefined)
    return isPolled(await keeperQueueFacts(client)) ? undefined : NO_WORKER;
  if (isPolled(await taskQueueFacts(client, taskQueue, TASK_QUEUE_TYPE_ACTIVITY))) return undefined;
  return `no worker takes its refresh from task queue ${taskQueue}${servedByText(taskQueue)}; start one with: evertoken worker`;
}

function reasonOf({ polledAgoMs, waiting, oldestWaitedMs }: TaskQueueFacts): string {
  // The server names a killed worker as a poller for minutes, but it has not polled since the oldest task came.
  if (waiting === 0 || polledAgoMs >= oldestWaitedMs) return NO_WORKER;
  const backlog = `${waiting} tasks wait, the oldest for ${Math.round(oldestWaitedMs / 1_000)} s`;
  return `the workers are behind: ${backlog}; start more with: evertoken worker`;
}
