import type { TokenAnswer } from '../contract/messages.js';
import { LEAD_MAX_SHARE_OF_LIFE } from '../policy/keeper-numbers.js';
import { satisfies } from '../policy/validity.js';
import { hasToken } from './access-token.js';
import type { KnownToken } from './access-token.js';
import { DEFAULT_MIN_VALIDITY_MS } from './numbers.js';

/** What a caller wants of a token. */
export interface Want {
  readonly minValidityMs?: number;
  readonly afterGeneration?: number;
}

/** Whether an answer is what the caller wants. A negative validity satisfies nothing, so that the keeper refuses it. */
export function satisfiesWant(
  answer: TokenAnswer,
  want: Want,
  nowMs: number,
): answer is KnownToken {
  const minValidityMs = minValidityOf(want, answer);
  if (!hasToken(answer) || minValidityMs < 0) return false;
  return satisfies(answer, { minValidityMs, afterGeneration: want.afterGeneration }, nowMs);
}

/** How long the token must still live: what the caller says, or the default. */
export function minValidityOf(want: Want, { token }: TokenAnswer): number {
  if (want.minValidityMs !== undefined) return want.minValidityMs;
  if (token === undefined) return DEFAULT_MIN_VALIDITY_MS;
  const lifeMs = Math.max(token.expiresAtMs - token.issuedAtMs, 0);
  return Math.min(DEFAULT_MIN_VALIDITY_MS, lifeMs * LEAD_MAX_SHARE_OF_LIFE);
}
