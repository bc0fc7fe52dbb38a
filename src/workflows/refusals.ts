import { ApplicationFailure } from '@temporalio/workflow';
import type { FailureType } from '../contract/failures.js';

/** A request that is not carried out; tried again it would be refused again. */
export function refused(type: FailureType, message: string): ApplicationFailure {
  return ApplicationFailure.nonRetryable(message, type);
}

export function notOfShape(): ApplicationFailure {
  return refused('ApplyRefusedError', 'the request was not sealed, or is none of this kind');
}
