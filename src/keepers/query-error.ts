import { isRetryableError, QueryNotRegisteredError } from '@temporalio/client';
import { grpcStatusOf, isRefusedForNow, isUnready } from './temporal-error.js';

/** Whether the server could not take a query yet, because too many wait or the first task is still to come. */
export function isQueryRefusedForNow(error: unknown): boolean {
  return isRefusedForNow(error) || isUnready(error, /at least one workflow task/i);
}

/** Whether a query failed on its worker, or with the run's last task. Another may succeed (see `UntimelyActivations`). */
export function isQueryFailed(error: unknown): boolean {
  return (
    error instanceof QueryNotRegisteredError || isUnready(error, /workflow task in failed state/i)
  );
}

/** Whether a run has had no task yet, or ended before its first. Then no worker can answer for it. */
export function isBeforeFirstTask(error: unknown): boolean {
  return isUnready(error, /at least one workflow task|before WorkflowTaskStarted/i);
}

/** Whether a call failed as calls do for moments, such as while the server starts anew. */
export function isPassing(error: unknown): boolean {
  const status = grpcStatusOf(error);
  return status !== undefined && isRetryableError(status);
}
