import { type ApplicationFailure, CancelledFailure } from '@temporalio/workflow';
import type { FailureCode, FailureSummary, FailureType } from '../contract/failures.js';
import { fitsFailureSummary } from '../contract/payload-checks.js';
import { UNDECIDED_RETRY_MS } from '../policy/keeper-numbers.js';
import { failureSummaryOf } from '../policy/failed-refresh.js';
import type { BegunRefresh, Keeper } from './keeper.js';

/**
 * Decides what the end of an activity execution without a token means for the keeper. Only a cut execution
 * ends otherwise than permanently or with a rejected client: then the refresh is still wanted.
 */
export function settleFailure(
  keeper: Keeper,
  begun: BegunRefresh,
  cause: ApplicationFailure | CancelledFailure | undefined,
): void {
  const nowMs = Date.now();
  if (keeper.state.spec !== begun.spec) return; // It was asked with what has since been replaced.
  if (cause instanceof CancelledFailure) return keeper.cut(begun, nowMs);

  const failure = summaryOf(keeper, cause, nowMs);
  if (failure.type === 'PermanentRefreshError') return keeper.failForGood(failure, nowMs);
  const { type, retryInMs = UNDECIDED_RETRY_MS } = failure;
  if (type !== 'ClientRejectedError') keeper.cut(begun, nowMs);
  keeper.failUntil(failure, nowMs + retryInMs, nowMs);
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
  keeper: Keeper,
  cause: ApplicationFailure | undefined,
  nowMs: number,
): FailureSummary {
  const details: unknown = cause?.details?.[0];
  // Whoever may write to the namespace can give sealed details of a passing failure another type.
  const isOurs = fitsFailureSummary(details) && details.type === cause?.type;
  return isOurs ? details : undecided(keeper, nowMs);
}

/** A cut attempt that timed out, or ended in a way that no code of ours made. */
function undecided(keeper: Keeper, nowMs: number): FailureSummary {
  const type: FailureType = 'TransientRefreshError';
  const { id: credentialId, provider } = keeper.state.spec;
  const code: FailureCode = 'attempt_undecided';
  return failureSummaryOf({ type, provider, code, credentialId, atMs: nowMs });
}
