import { WorkflowNotFoundError } from '@temporalio/client';
import type { Client, WorkflowExecutionStatusName } from '@temporalio/client';
import { optionalTsToMs } from '@temporalio/common/lib/time.js';
import proto from '@temporalio/proto';
import type { temporal } from '@temporalio/proto';
import type { ActivityWait } from '../client/keeper-port.js';
import { defined } from '../contract/defined.js';
import type { FailureSummary } from '../contract/failures.js';
import { keeperWorkflowId } from '../contract/names.js';
import { withDeadline } from '../temporal/connection.js';
import { describeKeeper } from './described-keeper.js';
import { activityWait, failureSummary, pendingRefresh } from './pending-refresh.js';
import type { PendingRefresh } from './pending-refresh.js';
import { shownByAttributes, shownByMemo } from './shown-keeper.js';
import type { ShownKeeper } from './shown-keeper.js';
import { toServerError } from './temporal-error.js';

const { PendingWorkflowTaskState, WorkflowTaskFailedCause } = proto.temporal.api.enums.v1;

/** So many of the newest events are read to find the end of a run, or the failure of its task. */
const LAST_EVENTS = 10;

type HistoryEvent = temporal.api.history.v1.IHistoryEvent;

/** A workflow task that the keeper's run waits for. */
export interface PendingTask {
  /** 1, unless an earlier attempt failed or timed out. */
  readonly attempt: number;
  readonly scheduledAtMs: number;
  /** Whether a worker has it. */
  readonly isStarted: boolean;
  /** Why the last attempt failed, in Temporal's words, such as `NON_DETERMINISTIC_ERROR`. Only a repeated task has it. */
  readonly failedCause?: string;
}

/** What the Temporal server itself knows of a keeper's newest run. This needs no worker, and does not lag. */
export interface KeeperInspection extends ShownKeeper {
  readonly execution: WorkflowExecutionStatusName;
  /** When the run ended; absent while it runs. */
  readonly endedAtMs?: number;
  /** What ended a failed run. */
  readonly failure?: FailureSummary;
  readonly task?: PendingTask;
  /** The refresh that is under way. */
  readonly refresh?: PendingRefresh;
  /** How its activity waits for a worker, be it a refresh or not. */
  readonly wait?: ActivityWait;
}

/** Inspects a keeper; `undefined` if none ran within the retention. Rejects with a `TokenError`. */
export async function inspectKeeper(
  client: Client,
  id: string,
): Promise<KeeperInspection | undefined> {
  try {
    return await withDeadline(client.connection, () => inspection(client, id));
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return undefined;
    throw toServerError(error, id);
  }
}

/**
 * Why the task for which a keeper waits has failed before; `undefined` if it has not. The caller sets the deadline. Rejects with
 * Temporal's errors.
 */
export async function taskFailure(client: Client, id: string): Promise<string | undefined> {
  const { description, runId } = await describeKeeper(client, id);
  const lastEvents = () => newestEvents(client, keeperWorkflowId(id), runId);
  return (await pendingTask(description.pendingWorkflowTask, lastEvents))?.failedCause;
}

async function inspection(client: Client, id: string): Promise<KeeperInspection> {
  const described = await describeKeeper(client, id);
  const { description, execution, endedAtMs, runId, memo, searchAttributes } = described;
  // Whoever starts a run may choose its search attributes.
  const shown = (await shownByMemo(client, id, memo)) ?? shownByAttributes(searchAttributes);
  const lastEvents = () => newestEvents(client, keeperWorkflowId(id), runId);
  const failure =
    execution === 'FAILED' ? await endingFailure(client, id, await lastEvents()) : undefined;
  const task = await pendingTask(description.pendingWorkflowTask, lastEvents);
  const { provider = '?' } = shown;
  const refresh = await pendingRefresh(client, description, { id, provider });
  const wait = activityWait(description.pendingActivities?.[0] ?? {}, provider);
  return { ...shown, execution, ...defined({ endedAtMs, failure, task, refresh, wait }) };
}

async function pendingTask(
  raw: temporal.api.workflow.v1.IPendingWorkflowTaskInfo | null | undefined,
  lastEvents: () => Promise<readonly HistoryEvent[]>,
): Promise<PendingTask | undefined> {
  if (raw === null || raw === undefined) return undefined;
  const attempt = raw.attempt ?? 1;
  const failedCause = attempt > 1 ? taskFailedCause(await lastEvents()) : undefined;
  return {
    attempt,
    scheduledAtMs: optionalTsToMs(raw.originalScheduledTime ?? raw.scheduledTime) ?? 0,
    isStarted: raw.state === PendingWorkflowTaskState.PENDING_WORKFLOW_TASK_STATE_STARTED,
    ...defined({ failedCause }),
  };
}

/** Only the cause, because the failure's message may quote anything. */
function taskFailedCause(newestFirst: readonly HistoryEvent[]): string | undefined {
  const cause = newestFirst
    .map((event) => event.workflowTaskFailedEventAttributes?.cause)
    .find((found) => found !== null && found !== undefined);
  if (cause === undefined) return undefined;
  // A newer server may name a cause that this SDK does not know.
  const name = WorkflowTaskFailedCause[cause] as string | undefined;
  return name?.replace('WORKFLOW_TASK_FAILED_CAUSE_', '');
}

async function endingFailure(
  client: Client,
  id: string,
  [last]: readonly HistoryEvent[],
): Promise<FailureSummary | undefined> {
  return failureSummary(client, id, last?.workflowExecutionFailedEventAttributes?.failure);
}

async function newestEvents(
  client: Client,
  workflowId: string,
  runId: string,
): Promise<readonly HistoryEvent[]> {
  const { history } = await client.workflowService.getWorkflowExecutionHistoryReverse({
    namespace: client.options.namespace,
    execution: { workflowId, runId },
    maximumPageSize: LAST_EVENTS,
  });
  return history?.events ?? [];
}
