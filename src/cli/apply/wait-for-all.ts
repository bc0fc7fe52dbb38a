import { setTimeout as delay } from 'node:timers/promises';
import { permanentlyFailed } from '../../client/ended-keeper.js';
import type { CredentialStatus } from '../../client/keeper-port.js';
import { TokenError } from '../../client/token-error.js';
import { mapConcurrently } from '../../keepers/map-concurrently.js';
import { APPLY_POLL_MAX_MS, APPLY_POLL_MS, APPLY_POLL_SHARE } from '../numbers.js';
import { isLoginRefused } from '../../policy/unconfirmed-login.js';
import { EXIT_CODES } from '../exit-codes.js';
import {
  type AppliedCredential,
  type Appliers,
  failedResult,
  type Kept,
} from './applied-credential.js';
import { Patience } from './patience.js';

/**
 * Waits until each has what its application was for: a token, of the new material where there is new material. Once none got
 * one for `APPLY_WAIT_MS`, nobody is asked any more, and each result says what was known last: of a server that is away,
 * asking each once more would take an hour. Only the keepers' clock is asked.
 */
export async function waitForAll(
  reader: Appliers['reader'],
  kept: Map<string, Kept>,
  settle: (result: AppliedCredential) => void,
): Promise<void> {
  const patience = new Patience();
  const lastSeen = new Map<string, TokenError>();
  while (kept.size > 0) {
    const startedAtMs = performance.now();
    await mapConcurrently([...kept], async ([id, outcome]) => {
      if (patience.isOver()) {
        kept.delete(id);
        settle(failedResult(id, lastSeen.get(id) ?? notLearned(id)));
        return;
      }
      const found = await look(reader, id, outcome);
      if (found instanceof TokenError) {
        lastSeen.set(id, found);
        return;
      }
      kept.delete(id);
      patience.renew();
      settle(found);
    });
    if (kept.size === 0) return;
    const tookMs = performance.now() - startedAtMs;
    const pauseMs = Math.max(APPLY_POLL_MS, tookMs * (1 / APPLY_POLL_SHARE - 1));
    await delay(Math.min(pauseMs, APPLY_POLL_MAX_MS));
  }
}

/** What became of it; a `TokenError` where that may change. */
async function look(
  reader: Appliers['reader'],
  id: string,
  outcome: Kept,
): Promise<AppliedCredential | TokenError> {
  try {
    const status = await reader.status(id);
    const progress = progressOf(id, status, outcome);
    if (progress === 'served') return { id, outcome, status, exitCode: EXIT_CODES.done };
    return progress === 'waiting' ? noToken(id, status) : failedResult(id, progress);
  } catch (error) {
    // A server that is busy is asked again; that it was applied is certain.
    const isPassing = error instanceof TokenError && error.code === 'UNAVAILABLE';
    return isPassing ? error : failedResult(id, error);
  }
}

/** Whether a keeper has what its application was for, may yet get it, or never will. */
function progressOf(
  id: string,
  { status, expiresAtMs, awaitsRefresh, lastFailure }: CredentialStatus,
  outcome: Kept,
): 'served' | 'waiting' | TokenError {
  const servesOn = outcome === 'unchanged' || outcome === 'updated';
  // The journal knows what was applied for an earlier login; the keeper has gone on with the later one.
  const isRefused = !servesOn && isLoginRefused(lastFailure);
  if ((status === 'failed' || isRefused) && lastFailure !== undefined) {
    return permanentlyFailed(id, lastFailure);
  }
  const isServed = expiresAtMs !== undefined && status !== 'expired';
  if (isServed && (servesOn || !awaitsRefresh)) return 'served';
  return status === 'client-rejected' ? noToken(id, { lastFailure }) : 'waiting';
}

function noToken(
  id: string,
  { lastFailure }: { readonly lastFailure?: CredentialStatus['lastFailure'] | undefined },
): TokenError {
  const why = lastFailure === undefined ? '' : `; ${lastFailure.code}: ${lastFailure.action}`;
  return new TokenError('NOT_FRESH_IN_TIME', id, `kept, but no token came yet${why}`);
}

function notLearned(id: string): TokenError {
  return new TokenError('UNAVAILABLE', id, 'applied, but nobody answered whether its token came');
}
