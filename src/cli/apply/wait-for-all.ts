import { setTimeout as delay } from 'node:timers/promises';
import { permanentlyFailed } from '../../client/ended-keeper.js';
import type { CredentialStatus } from '../../client/keeper-port.js';
import { TokenError } from '../../client/token-error.js';
import { mapConcurrently } from '../../keepers/map-concurrently.js';
import {
  APPLY_LOOKS,
  APPLY_LOOKS_AT_ALL,
  APPLY_POLL_MAX_MS,
  APPLY_POLL_MS,
  APPLY_POLL_SHARE,
} from '../numbers.js';
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
  const isSettled = async ([id, outcome]: readonly [string, Kept]): Promise<boolean> => {
    const found = await look(reader, id, outcome);
    kept.delete(id);
    if (found instanceof TokenError) {
      lastSeen.set(id, found);
      // At the end of the line: the next look is at others.
      kept.set(id, outcome);
      return false;
    }
    patience.renew();
    settle(found);
    return true;
  };
  const lookAround = async (): Promise<void> => {
    for (const some of slices([...kept], APPLY_LOOKS)) {
      const settled = (await mapConcurrently(some, isSettled)).filter(Boolean).length;
      // The server is to make tokens. Where few of many have theirs, hardly another one does.
      const areOthersWaiting = settled < some.length / 2 && kept.size > APPLY_LOOKS_AT_ALL;
      if (areOthersWaiting || patience.isOver()) return;
    }
  };
  while (kept.size > 0 && !patience.isOver()) {
    const startedAtMs = performance.now();
    await lookAround();
    if (kept.size === 0) return;
    const tookMs = performance.now() - startedAtMs;
    const pauseMs = Math.max(APPLY_POLL_MS, tookMs * (1 / APPLY_POLL_SHARE - 1));
    await delay(Math.min(pauseMs, APPLY_POLL_MAX_MS));
  }
  for (const id of kept.keys()) settle(failedResult(id, lastSeen.get(id) ?? notLearned(id)));
  kept.clear();
}

function* slices<T>(items: readonly T[], length: number): Generator<readonly T[]> {
  for (let start = 0; start < items.length; start += length) {
    yield items.slice(start, start + length);
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
