import { type ApplicationFailure, CancelledFailure } from '@temporalio/workflow';
import type { FailureSummary } from '../contract/failures.js';
import { REJECTED_WAIT_MAX_MS, UNDECIDED_RETRY_MS } from '../policy/keeper-numbers.js';
import { causeOf, isUntaken, reportedFailure, undecidedFailure } from './activity-failure.js';
import type { BegunRefresh, Keeper } from './keeper.js';

/**
 * Decides what the end of an activity execution without a token means for the keeper. It ends permanently, with a
 * rejected client, or because it was cut or no worker took it; then the refresh is still wanted.
 */
export function settleFailure(keeper: Keeper, begun: BegunRefresh, error: unknown): void {
  const nowMs = Date.now();
  const cause = causeOf(error);
  if (keeper.state.spec !== begun.spec) {
    // It was asked with what has since been replaced. Yet its request may have spent what the keeper holds still.
    if (!isAnswered(keeper, cause, nowMs)) keeper.leaveInDoubt(begun);
    return;
  }
  if (cause instanceof CancelledFailure || isUntaken(error)) return keeper.cut(begun, nowMs);

  const failure = summaryOf(keeper, cause, nowMs);
  if (failure.type === 'PermanentRefreshError') return keeper.failForGood(failure, nowMs);
  const { type, retryInMs = UNDECIDED_RETRY_MS } = failure;
  const waitMs = Math.min(Math.max(retryInMs, 0), REJECTED_WAIT_MAX_MS);
  if (type !== 'ClientRejectedError') keeper.cut(begun, nowMs);
  keeper.failUntil(failure, nowMs + waitMs, nowMs);
}

/** Whether the failure is an answer's: then nothing of its execution is in doubt that the journal does not know. */
function isAnswered(
  keeper: Keeper,
  cause: ApplicationFailure | CancelledFailure | undefined,
  nowMs: number,
): boolean {
  if (cause instanceof CancelledFailure) return false;
  const { type } = summaryOf(keeper, cause, nowMs);
  return type === 'PermanentRefreshError' || type === 'ClientRejectedError';
}

/** Ends the keeper where a failure is final, and changes nothing else. */
export function endIfFinal(
  keeper: Keeper,
  cause: ApplicationFailure | CancelledFailure | undefined,
): void {
  if (cause === undefined || cause instanceof CancelledFailure) return;
  const nowMs = Date.now();
  const failure = summaryOf(keeper, cause, nowMs);
  if (failure.type === 'PermanentRefreshError') keeper.failForGood(failure, nowMs);
}

function summaryOf(
  { state: { spec } }: Keeper,
  cause: ApplicationFailure | undefined,
  nowMs: number,
): FailureSummary {
  return reportedFailure(cause, spec) ?? undecidedFailure('TransientRefreshError', spec, nowMs);
}
