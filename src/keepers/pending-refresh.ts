import type { Client } from '@temporalio/client';
import { optionalTsToMs } from '@temporalio/common/lib/time.js';
import proto from '@temporalio/proto';
import type { temporal } from '@temporalio/proto';
import type { ActivityWait } from '../client/keeper-port.js';
import { defined } from '../contract/defined.js';
import {
  FAILURE_TYPES,
  type FailureCode,
  type FailureSummary,
  type FailureType,
} from '../contract/failures.js';
import type { StatusAnswer } from '../contract/messages.js';
import { providerTaskQueue, shownTaskQueue } from '../contract/names.js';
import { fitsFailureSummary } from '../contract/payload-checks.js';
import type { RefreshActivities } from '../contract/refresh-activity.js';
import { isForOwners, isMadeUp, UndecipherableError } from '../encryption/undecipherable-error.js';
import { failureSummaryOf } from '../policy/failed-refresh.js';
import { firstDecoded } from './decoded-payloads.js';
import { UNTAKEN_AFTER_MS } from './numbers.js';

const { PENDING_ACTIVITY_STATE_PAUSED, PENDING_ACTIVITY_STATE_SCHEDULED } =
  proto.temporal.api.enums.v1.PendingActivityState;

const REFRESH_ACTIVITY = 'refreshToken' satisfies keyof RefreshActivities;

type Description = temporal.api.workflowservice.v1.IDescribeWorkflowExecutionResponse;
type PendingActivity = temporal.api.workflow.v1.IPendingActivityInfo;

/** How far the refresh that is under way has come. The keeper does not know, since the server retries the activity. */
export interface PendingRefresh {
  /** Attempts so far, the current one included. */
  readonly attempt: number;
  /** When the next attempt starts; absent while one runs. */
  readonly nextAttemptAtMs?: number;
  /** Why the last attempt made no token. */
  readonly lastFailure?: FailureSummary;
  /** Where it waits for a worker, once that has lasted `UNTAKEN_AFTER_MS`. */
  readonly waitsForWorker?: ActivityWait;
  /** Somebody has paused it in Temporal, and no attempt runs. */
  readonly isPaused?: true;
}

/** What the server says of the refresh under way; `undefined` when there is none. */
export async function pendingRefresh(
  client: Client,
  description: Description,
  answer: Pick<StatusAnswer, 'id' | 'provider'>,
): Promise<PendingRefresh | undefined> {
  const activity = refreshIn(description);
  if (activity === undefined) return undefined;
  const nextAttemptAtMs = optionalTsToMs(activity.nextAttemptScheduleTime);
  const lastFailure = await lastFailureOf(client, activity, answer);
  const waitsForWorker = untaken(activity, answer.provider);
  return {
    attempt: activity.attempt ?? 1,
    ...defined({ nextAttemptAtMs, lastFailure, waitsForWorker }),
    ...(activity.state === PENDING_ACTIVITY_STATE_PAUSED ? { isPaused: true } : {}),
  };
}

/** How an activity of a keeper waits for a worker; `undefined` while a worker has it, or while it backs off. */
export function activityWait(
  { state, scheduledTime, nextAttemptScheduleTime, activityOptions }: PendingActivity,
  provider: string,
): ActivityWait | undefined {
  const sinceMs = optionalTsToMs(scheduledTime);
  if (state !== PENDING_ACTIVITY_STATE_SCHEDULED || sinceMs === undefined) return undefined;
  // By the server's own clock it is still to come; by one that is ahead it would have waited for minutes.
  if (optionalTsToMs(nextAttemptScheduleTime) !== undefined) return undefined;
  // Older servers do not tell the queue.
  const taskQueue = activityOptions?.taskQueue?.name || providerTaskQueue(provider);
  return { taskQueue: shownTaskQueue(taskQueue), sinceMs };
}

function untaken(activity: PendingActivity, provider: string): ActivityWait | undefined {
  const wait = activityWait(activity, provider);
  if (wait === undefined) return undefined;
  const waitedMs = Date.now() - wait.sinceMs;
  // A server that tells the queue would also tell that it backs off. So the clock here is behind.
  const isBehind = waitedMs < 0 && Boolean(activity.activityOptions);
  return isBehind || waitedMs >= UNTAKEN_AFTER_MS ? wait : undefined;
}

/** Whether a refresh is under way. */
export function isRefreshing(description: Description): boolean {
  return refreshIn(description) !== undefined;
}

function refreshIn({ pendingActivities }: Description): PendingActivity | undefined {
  return pendingActivities?.find(({ activityType }) => activityType?.name === REFRESH_ACTIVITY);
}

/** Deciphers a failure of ours that the server keeps, of a keeper or of its activity; `undefined` for any other failure. */
export async function failureSummary(
  client: Client,
  credentialId: string,
  failure: temporal.api.failure.v1.IFailure | null | undefined,
  activityId?: string,
): Promise<FailureSummary | undefined> {
  const info = failure?.applicationFailureInfo;
  const type = FAILURE_TYPES.find((known) => known === info?.type);
  if (type === undefined) return undefined;
  const details = await firstDecoded(client, credentialId, info?.details?.payloads, activityId);
  return fitsFailureSummary(details) && details.type === type ? details : undefined;
}

async function lastFailureOf(
  client: Client,
  activity: PendingActivity,
  { id, provider }: Pick<StatusAnswer, 'id' | 'provider'>,
): Promise<FailureSummary | undefined> {
  if (activity.lastFailure === null || activity.lastFailure === undefined) return undefined;
  const startedAtMs = optionalTsToMs(activity.lastStartedTime) ?? 0;
  try {
    return (
      (await failureSummary(client, id, activity.lastFailure, activity.activityId ?? '')) ??
      attemptLost(id, provider, startedAtMs)
    );
  } catch (error) {
    // Readers learn of it once the keeper has taken it. What none of our workers sealed tells nothing, and hides nothing.
    if (error instanceof UndecipherableError && (isForOwners(error) || isMadeUp(error))) return;
    throw error;
  }
}

/** The server heard no more of the attempt: its worker died, or could not reach the server. */
function attemptLost(credentialId: string, provider: string, atMs: number): FailureSummary {
  const type: FailureType = 'TransientRefreshError';
  const code: FailureCode = 'attempt_lost';
  return failureSummaryOf({ type, provider, code, credentialId, atMs });
}
