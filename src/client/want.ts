import type { TokenAnswer } from '../contract/messages.js';
import { LEAD_MAX_SHARE_OF_LIFE } from '../policy/keeper-numbers.js';
import { satisfies, unsatisfiable } from '../policy/validity.js';
import { hasToken } from './access-token.js';
import type { KnownToken } from './access-token.js';
import { DEFAULT_MIN_VALIDITY_MS } from './numbers.js';
import type { CachedToken } from './token-cache.js';
import { UnsatisfiableValidityError } from './token-error.js';

/** What a caller wants of a token. */
export interface Want {
  readonly minValidityMs?: number;
  readonly afterGeneration?: number;
}

/**
 * Refuses what no keeper could grant. JSON would make null of such a number, so that the keeper could not tell what was wanted.
 * @throws UnsatisfiableValidityError or, of a generation, RangeError
 */
export function refuseNonsense({ minValidityMs, afterGeneration }: Want): void {
  const reason =
    minValidityMs === undefined ? undefined : unsatisfiable(undefined, { minValidityMs });
  if (reason !== undefined) throw new UnsatisfiableValidityError(reason);
  if (afterGeneration !== undefined && !Number.isFinite(afterGeneration)) {
    throw new RangeError('afterGeneration must be the generation of a token');
  }
}

/** Whether an answer is what the caller wants. */
export function satisfiesWant(
  answer: TokenAnswer,
  want: Want,
  nowMs: number,
): answer is KnownToken {
  const minValidityMs = minValidityOf(want, answer);
  const request = { minValidityMs, afterGeneration: want.afterGeneration };
  return hasToken(answer) && satisfies(answer, request, nowMs);
}

/**
 * Whether the keeper's own word is enough, where this process's clock finds the token wanting. A caller that names no validity takes it until
 * half of what the keeper vouched for is over.
 */
export function isVouchedFor({ known, vouchedMs }: CachedToken, want: Want): boolean {
  return vouchedMs > 0 && vouchedMs >= (want.minValidityMs ?? minValidityOf(want, known) / 2);
}

/** How long the token must still live: what the caller says, or the default. */
export function minValidityOf(want: Want, { token }: TokenAnswer): number {
  if (want.minValidityMs !== undefined) return want.minValidityMs;
  if (token === undefined) return DEFAULT_MIN_VALIDITY_MS;
  const lifeMs = Math.max(token.expiresAtMs - token.issuedAtMs, 0);
  return Math.min(DEFAULT_MIN_VALIDITY_MS, lifeMs * LEAD_MAX_SHARE_OF_LIFE);
}
