import type { TokenFacts } from '../contract/credential.js';
import type { Intent } from '../contract/journal-entry.js';
import { HTTP_DEADLINE_MS, IN_DOUBT_GRACE_MS } from './attempt-numbers.js';
import { isStillValid } from './validity.js';

/** What the attempt that finds an open intent knows by the server's word. */
export interface FinderFacts {
  /** When the server scheduled this attempt. */
  readonly scheduledAtMs: number;
}

/**
 * When a request that an earlier attempt may have sent is surely over. No clock of a worker has a say: the server
 * started that attempt before it scheduled this one; the request went out when the attempt was as old as its intent
 * says, and the write of the intent took less than the grace. The 8 s that the server waits for a heartbeat are not
 * part of this proof: only a retry shows them, and whoever may write to the namespace can cause a retry at once.
 */
function requestOverAtMs(
  { attemptAgeMs }: Pick<Intent, 'attemptAgeMs'>,
  { scheduledAtMs }: FinderFacts,
): number {
  return scheduledAtMs + attemptAgeMs + IN_DOUBT_GRACE_MS + HTTP_DEADLINE_MS;
}

/**
 * When the request of an open intent is over by all that is known. An earlier finder may have recorded an earlier time; a later
 * one was recorded while the server's clock ran ahead.
 */
export function openUntil(open: Intent, finder: FinderFacts): number {
  return Math.min(open.overAtMs ?? Infinity, requestOverAtMs(open, finder));
}

/** What decides whether a wait for a request that may be open protects anything. */
interface WaitFacts {
  /** Whether a refresh kills what it spent. */
  readonly rotates: boolean;
  /** The refresh spends the token itself. */
  readonly spendsToken: boolean;
  readonly request: { readonly currentToken?: TokenFacts };
}

/**
 * Whether a request that may be open until then is waited out. Where a refresh kills what it spent, a second request could
 * spend a dead token. A token that renews only itself and is over by then has nothing to lose, so another try can only win.
 * Once it has expired, only the answer of the open request can help: another try would be refused, and end the keeper before
 * that answer comes.
 */
export function isWaitedOut(
  { rotates, spendsToken, request: { currentToken } }: WaitFacts,
  untilMs: number,
  nowMs: number,
): boolean {
  if (!spendsToken || currentToken === undefined) return rotates;
  if (!isStillValid(currentToken, nowMs)) return true;
  return rotates && isStillValid(currentToken, untilMs);
}
