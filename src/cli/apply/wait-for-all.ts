import { setTimeout as delay } from 'node:timers/promises';
import { endedKeeperError, permanentlyFailed } from '../../client/ended-keeper.js';
import type { CredentialStatus } from '../../client/keeper-port.js';
import { isUnavailable, TokenError } from '../../client/token-error.js';
import { defined } from '../../contract/defined.js';
import { mapConcurrently } from '../../keepers/map-concurrently.js';
import {
  APPLY_LOOKS,
  APPLY_LOOKS_AT_ALL,
  APPLY_POLL_MAX_MS,
  APPLY_POLL_MS,
  APPLY_POLL_SHARE,
  APPLY_UNSERVED_MS,
} from '../numbers.js';
import { hasEnded } from '../../policy/status.js';
import { isLoginRefused } from '../../policy/unconfirmed-login.js';
import { EXIT_CODES } from '../exit-codes.js';
import {
  type AppliedCredential,
  type Appliers,
  failedResult,
  type Kept,
  type Unserved,
} from './applied-credential.js';
import type { Patience } from './patience.js';

/** What is waited for, and for how long. */
export interface Waiting {
  /** Those that were applied and have no outcome yet. */
  readonly kept: Map<string, Kept>;
  /** Fires once no more are applied. */
  readonly applied: AbortSignal;
  readonly patience: Patience;
}

/** Why there is no token yet. */
interface NotYet {
  readonly error: TokenError;
  /** Where its refresh waits for a worker. */
  readonly taskQueue?: string;
}

/**
 * Waits until each credential has what its application was for: a token, and after new material a token from that. Once
 * patience is over, the waiting ends, and each result says what was known last. Asking each keeper once more would take an hour
 * if the server is away. What no worker serves is not waited for that long. Times are those of the keepers' clock only.
 */
export async function waitForAll(
  { reader, unserved = () => Promise.resolve(undefined) }: Pick<Appliers, 'reader' | 'unserved'>,
  { kept, applied, patience }: Waiting,
  settle: (result: AppliedCredential) => void,
): Promise<void> {
  const lastSeen = new Map<string, NotYet>();
  const rejections = new Rejections();
  const isSettled = async ([id, outcome]: readonly [string, Kept]): Promise<boolean> => {
    const found = await look(reader, id, outcome, rejections);
    kept.delete(id);
    if ('error' in found) {
      lastSeen.set(id, found);
      // It goes to the end of the line, so that the next look is at others.
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
      // The server should make tokens rather than answer looks. If few of these have theirs, hardly any other has.
      const areOthersWaiting = settled < some.length / 2 && kept.size > APPLY_LOOKS_AT_ALL;
      if (areOthersWaiting || patience.isOver()) return;
    }
  };
  const giveUpUnserved = async (): Promise<void> => {
    const reasonOf = await unservedReasons(unserved, lastSeen.values());
    // One that was never looked at may have a token, which came with the file.
    const unseen = [...kept].filter(([id]) => !lastSeen.has(id) && reasonOf({}) !== undefined);
    await mapConcurrently(unseen, isSettled);
    for (const id of [...kept.keys()]) {
      const reason = reasonOf(lastSeen.get(id) ?? {});
      if (reason === undefined || !kept.delete(id)) continue;
      settle(failedResult(id, new TokenError('UNAVAILABLE', id, `applied, but ${reason}`)));
    }
  };
  let lookedAtMs = Number.NEGATIVE_INFINITY;
  while (!applied.aborted || (kept.size > 0 && !patience.isOver())) {
    const startedAtMs = performance.now();
    await lookAround();
    const idleMs = Math.min(patience.idleMs(), performance.now() - lookedAtMs);
    if (kept.size > 0 && idleMs >= APPLY_UNSERVED_MS) {
      await giveUpUnserved();
      lookedAtMs = performance.now();
    }
    if (applied.aborted && kept.size === 0) return;
    const tookMs = performance.now() - startedAtMs;
    const pauseMs = Math.max(APPLY_POLL_MS, tookMs * (1 / APPLY_POLL_SHARE - 1));
    await pause(Math.min(pauseMs, APPLY_POLL_MAX_MS), applied, patience);
  }
  await giveUpUnserved();
  for (const id of kept.keys()) settle(failedResult(id, lastSeen.get(id)?.error ?? notLearned(id)));
  kept.clear();
}

/** Asks of each task queue once. A server that does not tell is no reason. */
async function unservedReasons(
  unserved: Unserved,
  seen: Iterable<NotYet>,
): Promise<(seen: Pick<NotYet, 'taskQueue'>) => string | undefined> {
  const ask = (taskQueue?: string) => unserved(taskQueue).catch(() => undefined);
  const ofKeepers = await ask();
  if (ofKeepers !== undefined) return () => ofKeepers;
  const queues = [...new Set([...seen].flatMap(({ taskQueue }) => taskQueue ?? []))];
  const reasons = await mapConcurrently(queues, ask);
  return ({ taskQueue }) =>
    taskQueue === undefined ? undefined : reasons[queues.indexOf(taskQueue)];
}

/** The last application cuts it short: most of what was applied before has its token by then. */
async function pause(ms: number, applied: AbortSignal, patience: Patience): Promise<void> {
  if (applied.aborted) await patience.pause(ms);
  else await delay(ms, undefined, { signal: applied }).catch(() => undefined);
}

function* slices<T>(items: readonly T[], length: number): Generator<readonly T[]> {
  for (let start = 0; start < items.length; start += length) {
    yield items.slice(start, start + length);
  }
}

/** What became of a credential, or why that may still change. */
async function look(
  reader: Appliers['reader'],
  id: string,
  outcome: Kept,
  rejections: Rejections,
): Promise<AppliedCredential | NotYet> {
  try {
    const status = await reader.status(id);
    const isRejected = rejections.isAnswer(status, outcome);
    const progress = progressOf(id, status, outcome, isRejected);
    if (progress === 'served') return { id, outcome, status, exitCode: EXIT_CODES.done };
    if (progress !== 'waiting') return failedResult(id, progress);
    return {
      error: noToken(id, status),
      ...defined({ taskQueue: status.waitsForWorker?.taskQueue }),
    };
  } catch (error) {
    // A busy server is asked again. It is certain that the credential was applied.
    return isUnavailable(error) ? { error } : failedResult(id, error);
  }
}

/** Whether a keeper has what its application was for, may yet get it, or never will. */
function progressOf(
  id: string,
  credential: CredentialStatus,
  outcome: Kept,
  isRejected: boolean,
): 'served' | 'waiting' | TokenError {
  const { status, awaitsRefresh, lastFailure } = credential;
  const servesOn = isOfSameLogin(outcome);
  // The journal knows the applied material as that of an earlier login, so the keeper has gone on with the later one.
  const isRefused = !servesOn && isLoginRefused(lastFailure);
  if (isRefused && lastFailure !== undefined) return permanentlyFailed(id, lastFailure);
  // Somebody may have stopped it meanwhile.
  if (hasEnded(status)) return endedKeeperError(credential, Date.now());
  if (isServed(credential) && (servesOn || !awaitsRefresh)) return 'served';
  return isRejected ? noToken(id, credential) : 'waiting';
}

/** Whether there is a token to use. That a client is rejected is shown also of one whose token has expired. */
function isServed(credential: CredentialStatus): boolean {
  const { status, expiresAtMs } = credential;
  if (expiresAtMs === undefined || status === 'expired') return false;
  return status !== 'client-rejected' || expiresAtMs > sinceRejectionMs(credential);
}

/** The time now, by this machine's clock as far as the server's times allow: after the last attempt, and before the next one. */
function sinceRejectionMs(credential: CredentialStatus): number {
  const { lastFailure, refreshing, nextAttemptAtMs, nextRefreshAtMs } = credential;
  const nextMs = (refreshing ? nextAttemptAtMs : nextRefreshAtMs) ?? Number.POSITIVE_INFINITY;
  return Math.max(Math.min(Date.now(), nextMs), lastFailure?.atMs ?? 0);
}

/** Whether the keeper went on with the login that it had, and so with its token and its failures. */
function isOfSameLogin(outcome: Kept): boolean {
  return outcome === 'unchanged' || outcome === 'updated';
}

/** Tells a client's rejection that answers an application from one that it was to repair. */
class Rejections {
  readonly #firstSeenAtMs = new Map<string, number | undefined>();

  isAnswer({ id, status, lastFailure }: CredentialStatus, outcome: Kept): boolean {
    const isOld = isOfSameLogin(outcome);
    // One that sent nothing names the rejection of another credential.
    const atMs = lastFailure?.clientRejectedAtMs ?? lastFailure?.atMs;
    if (isOld && !this.#firstSeenAtMs.has(id)) this.#firstSeenAtMs.set(id, atMs);
    if (status !== 'client-rejected' || lastFailure?.type !== 'ClientRejectedError') return false;
    return !isOld || atMs !== this.#firstSeenAtMs.get(id);
  }
}

function noToken(
  id: string,
  { lastFailure, waitsForWorker }: Pick<CredentialStatus, 'lastFailure' | 'waitsForWorker'>,
): TokenError {
  const failed = lastFailure && `; ${lastFailure.code}: ${lastFailure.action}`;
  const waits = waitsForWorker && `; its refresh waits on task queue ${waitsForWorker.taskQueue}`;
  const why = failed ?? waits ?? '';
  return new TokenError('NOT_FRESH_IN_TIME', id, `kept, but no token came yet${why}`);
}

function notLearned(id: string): TokenError {
  return new TokenError('UNAVAILABLE', id, 'applied, but nobody answered whether its token came');
}
