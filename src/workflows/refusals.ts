import { ApplicationFailure } from '@temporalio/workflow';
import type { FailureSummary, FailureType } from '../contract/failures.js';
import { failureMessage } from '../policy/failure-message.js';

/** A request that is not carried out; tried again it would be refused again. */
export function refused(
  type: FailureType,
  message: string,
  ...details: readonly unknown[]
): ApplicationFailure {
  return ApplicationFailure.nonRetryable(message, type, ...details);
}

export function notOfShape(): ApplicationFailure {
  return refused('ApplyRefusedError', 'the request was not sealed, or is none of this kind');
}

/** What a keeper knows of a failure, as a failure for whoever asks it or reads how it ended. */
export function failureOf(summary: FailureSummary): ApplicationFailure {
  return refused(summary.type, failureMessage(summary, summary.type), summary);
}
