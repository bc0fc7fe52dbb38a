import { ApplicationFailure, ApplicationFailureCategory } from '@temporalio/common';
import { endsExecution, type FailedRefresh, failureSummaryOf } from '../policy/failed-refresh.js';
import { failureMessage } from '../policy/failure-message.js';

/**
 * The one door from a provider's failure to a Temporal failure. No foreign error passes it, not even as a cause:
 * the failure converter would write what it holds into history.
 */
export function refreshFailure(failed: FailedRefresh): ApplicationFailure {
  const { type, retryInMs, isExpected = false } = failed;
  const endsHere = endsExecution(failed);
  // The type is in it, where it is sealed: the failure's own type is in clear, for anybody to change.
  const summary = failureSummaryOf(failed);
  return ApplicationFailure.create({
    type,
    message: failureMessage(summary, type),
    details: [summary],
    nonRetryable: endsHere,
    ...(isExpected ? { category: ApplicationFailureCategory.BENIGN } : {}),
    ...(endsHere || retryInMs === undefined
      ? {}
      : { nextRetryDelay: Math.max(Math.ceil(retryInMs), 1) }),
  });
}
