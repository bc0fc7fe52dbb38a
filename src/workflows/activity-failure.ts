import {
  ActivityFailure,
  ApplicationFailure,
  CancelledFailure,
  TimeoutFailure,
} from '@temporalio/workflow';
import type { CredentialSpec } from '../contract/credential.js';
import type { FailureCode, FailureSummary, FailureType } from '../contract/failures.js';
import { fitsFailureSummary } from '../contract/payload-checks.js';
import { failureSummaryOf } from '../policy/failed-refresh.js';
import { operatorAction } from '../policy/operator-action.js';

/** What ended an activity of ours, if that is known. */
export function causeOf(error: unknown): ApplicationFailure | CancelledFailure | undefined {
  const cause = error instanceof ActivityFailure ? error.cause : error;
  return cause instanceof ApplicationFailure || cause instanceof CancelledFailure
    ? cause
    : undefined;
}

/** Whether no worker took the activity within the time that it might wait for one. */
export function isUntaken(error: unknown): boolean {
  const cause = error instanceof ActivityFailure ? error.cause : undefined;
  return cause instanceof TimeoutFailure && cause.timeoutType === 'SCHEDULE_TO_START';
}

/**
 * The failure that an activity of a credential reported, from its sealed details alone: whoever may write to the namespace
 * can give them another type and a message of its own. What people read is made anew, by the code.
 */
export function reportedFailure(
  cause: ApplicationFailure | undefined,
  { id, provider }: CredentialSpec,
): FailureSummary | undefined {
  const details: unknown = cause?.details?.[0];
  if (!fitsFailureSummary(details) || details.type !== cause?.type) return undefined;
  return { ...details, provider, action: operatorAction(details, id) };
}

/** An attempt that timed out, or ended in a way that no code of ours made. */
export function undecidedFailure(
  type: FailureType,
  { id, provider }: CredentialSpec,
  nowMs: number,
): FailureSummary {
  const code: FailureCode = 'attempt_undecided';
  return failureSummaryOf({ type, provider, code, credentialId: id, atMs: nowMs });
}
