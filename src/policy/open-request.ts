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
export function requestOverAtMs(
  { attemptAgeMs }: Pick<Intent, 'attemptAgeMs'>,
  { scheduledAtMs }: FinderFacts,
): number {
  return scheduledAtMs + attemptAgeMs + IN_DOUBT_GRACE_MS + HTTP_DEADLINE_MS;
}

/**
 * Whether a wait until then for a request that may be open protects nothing: a token that renews only itself is over by then,
 * so another try can only win.
 */
export function hasNothingToLose(
  {
    spendsToken,
    request: { currentToken },
  }: {
    readonly spendsToken: boolean;
    readonly request: { readonly currentToken?: TokenFacts };
  },
  untilMs: number,
): boolean {
  return spendsToken && currentToken !== undefined && !isStillValid(currentToken, untilMs);
}
