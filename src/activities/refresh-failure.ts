import { ApplicationFailure, ApplicationFailureCategory } from '@temporalio/common';
import type { FailureDetails, FailureSummary, FailureType } from '../contract/failures.js';
import { failureMessage } from '../policy/failure-message.js';
import { operatorAction } from '../policy/operator-action.js';

/** What is known of a refresh that made no token. */
export interface RefreshFailureFacts extends Omit<FailureDetails, 'action'> {
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
export function endsExecution(type: FailureType): boolean {
  return type === 'PermanentRefreshError' || type === 'ClientRejectedError';
}

/**
 * The one door from a provider's failure to a Temporal failure. No foreign error passes it, not even as a cause:
 * the failure converter would write what it holds into history.
 */
export function refreshFailure(facts: RefreshFailureFacts): ApplicationFailure {
  const { type, credentialId, retryInMs, isFinal, isExpected = false, ...known } = facts;
  const endsHere = isFinal ?? endsExecution(type);
  const details: FailureSummary = {
    ...known,
    // Also here, where it is sealed: the failure's own type is in clear, for anybody to change.
    type,
    action: operatorAction(facts, credentialId),
    // The keeper waits by itself then; a retry of the server has its delay from Temporal.
    ...(endsHere && retryInMs !== undefined ? { retryInMs } : {}),
  };
  return ApplicationFailure.create({
    type,
    message: failureMessage(details, type),
    details: [details],
    nonRetryable: endsHere,
    ...(isExpected ? { category: ApplicationFailureCategory.BENIGN } : {}),
    ...(endsHere || retryInMs === undefined
      ? {}
      : { nextRetryDelay: Math.max(Math.ceil(retryInMs), 1) }),
  });
}
