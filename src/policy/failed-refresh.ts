import type { FailureDetails, FailureSummary, FailureType } from '../contract/failures.js';
import { operatorAction } from './operator-action.js';

/** A refresh, or a revocation, that did not get what it was for. */
export interface FailedRefresh extends Omit<FailureDetails, 'action'> {
  readonly type: FailureType;
  readonly credentialId: string;
  /** Delay until the next attempt, in milliseconds. */
  readonly retryInMs?: number;
  /** No further attempt, whatever the type; default: as `endsExecution` says. */
  readonly isFinal?: boolean;
  /** Nothing went wrong in this attempt: the SDK then neither logs nor counts it as a failure. */
  readonly isExpected?: boolean;
}

/** Whether a failure ends the execution of the activity: the keeper then decides what comes next. */
export function endsExecution({ type, isFinal }: Pick<FailedRefresh, 'type' | 'isFinal'>): boolean {
  return isFinal ?? (type === 'PermanentRefreshError' || type === 'ClientRejectedError');
}

/** What a failure says of itself, with what the operator should do. */
export function failureSummaryOf(failed: FailedRefresh): FailureSummary {
  const { credentialId, retryInMs, isFinal: _final, isExpected: _expected, ...known } = failed;
  return {
    ...known,
    action: operatorAction(failed, credentialId),
    // The keeper waits by itself then; a retry of the server has its delay from Temporal.
    ...(endsExecution(failed) && retryInMs !== undefined ? { retryInMs } : {}),
  };
}
