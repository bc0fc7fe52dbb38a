import type { FailureSummary } from '../contract/failures.js';
import type { StatusAnswer, TokenAnswer } from '../contract/messages.js';
import { failureMessage } from '../policy/failure-message.js';
import { TokenError } from './token-error.js';

/** What to do about a keeper that has ended without a failure, by the code of that. */
export const ENDED_ACTIONS = {
  stopped: 'the keeper was stopped; to start it again run: evertoken apply -f FILE',
  keeper_ended: 'the keeper was ended from outside; to start it again run: evertoken apply -f FILE',
} as const;

/** The error of a keeper that has ended, made of its last answer or of its status. */
export function endedKeeperError(
  answer: Pick<TokenAnswer, 'id' | 'provider' | 'status' | 'lastFailure'>,
  nowMs: number,
): TokenError {
  const { id, provider, status, lastFailure } = answer;
  const isTold = status === 'failed' || lastFailure?.code === 'keeper_ended';
  if (isTold && lastFailure !== undefined) return permanentlyFailed(id, lastFailure);
  const code = status === 'stopped' ? 'stopped' : 'keeper_ended';
  return permanentlyFailed(id, { provider, code, atMs: nowMs, action: ENDED_ACTIONS[code] });
}

/** The answer of a keeper that was terminated or timed out: the last one that it gave could not say so itself. */
export function endedFromOutside<Answer extends TokenAnswer | StatusAnswer>(
  answer: Answer,
  endedAtMs: number,
): Omit<Answer, 'nextRefreshAtMs'> & Pick<TokenAnswer, 'status' | 'lastFailure'> {
  const { nextRefreshAtMs: _next, ...rest } = answer;
  const code = 'keeper_ended';
  return {
    ...rest,
    status: 'stopped',
    lastFailure: {
      type: 'KeeperStoppedError',
      provider: answer.provider,
      code,
      atMs: endedAtMs,
      action: ENDED_ACTIONS[code],
    },
  };
}

/** The error of a keeper from which no token will come, with the reason. */
export function permanentlyFailed(id: string, failure: Omit<FailureSummary, 'type'>): TokenError {
  return new TokenError('PERMANENTLY_FAILED', id, failureMessage(failure), failure);
}
