import { setTimeout as delay } from 'node:timers/promises';
import { endedKeeperError } from '../client/ended-keeper.js';
import { TokenError } from '../client/token-error.js';
import type { EnsureFreshRequest, TokenAnswer } from '../contract/messages.js';
import { ENSURE_FRESH_WAIT_MS } from '../policy/keeper-numbers.js';
import { hasEnded } from '../policy/status.js';
import { satisfies } from '../policy/validity.js';
import { CROWDED_POLL_MS } from './numbers.js';

/** Looks at a keeper until its token satisfies the request. Rejects with a `TokenError` if it has ended, or at `untilMs`. */
export async function watchedToken(
  look: () => Promise<TokenAnswer>,
  request: EnsureFreshRequest,
  untilMs: number,
): Promise<TokenAnswer> {
  for (;;) {
    const answer = await look();
    if (satisfies(answer, request, nowMs(answer, request))) return answer;
    if (hasEnded(answer.status)) throw endedKeeperError(answer, Date.now());
    if (Date.now() >= untilMs) {
      throw new TokenError('NOT_FRESH_IN_TIME', answer.id, 'no fresh token in time');
    }
    await delay(CROWDED_POLL_MS);
  }
}

/** The time now. Of a token that was made since the request, this machine's clock says no more than that it is as old as the wait. */
function nowMs({ generation, token }: TokenAnswer, request: EnsureFreshRequest): number {
  const isMadeSince = token !== undefined && generation > request.generation;
  return Math.min(Date.now(), isMadeSince ? token.issuedAtMs + ENSURE_FRESH_WAIT_MS : Infinity);
}
