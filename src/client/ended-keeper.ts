import type { FailureSummary } from '../contract/failures.js';
import type { TokenAnswer } from '../contract/messages.js';
import { failureMessage } from '../policy/failure-message.js';
import { TokenError } from './token-error.js';

/** The error of a keeper that has ended, made of its last answer. */
export function endedKeeperError(answer: TokenAnswer, nowMs: number): TokenError {
  const { id, provider, status, lastFailure } = answer;
  if (status === 'failed' && lastFailure !== undefined) return permanentlyFailed(id, lastFailure);
  const code = status === 'stopped' ? 'stopped' : 'keeper_ended';
  const action =
    code === 'stopped'
      ? 'the keeper was stopped; to start it again run: evertoken apply -f FILE'
      : 'the keeper was ended from outside; to start it again run: evertoken apply -f FILE';
  return permanentlyFailed(id, { provider, code, atMs: nowMs, action });
}

/** The error of a keeper whose material is refused for good. */
export function permanentlyFailed(id: string, failure: Omit<FailureSummary, 'type'>): TokenError {
  return new TokenError('PERMANENTLY_FAILED', id, failureMessage(failure), failure);
}
