import type { KeeperState } from '../contract/keeper.js';
import type { RefreshReason } from '../contract/refresh-activity.js';
import { SOON_EXPIRED } from './fleet-numbers.js';

/** What decides how early a worker takes a refresh out of a backlog. */
export interface PriorityFacts {
  readonly state: Pick<KeeperState, 'token' | 'lastFailure'>;
  readonly reason: RefreshReason;
  /** Callers that wait for a token. */
  readonly callers: number;
}

/** Temporal's key of what goes last. */
const LAST = SOON_EXPIRED.length + 1;

/**
 * Key of the word to the journal that a credential was applied. It sends nothing, its token serves meanwhile, and its next
 * refresh would tell the journal, too. With Temporal's own key, 3, those of a fleet that is applied would come before
 * refreshes of tokens that have minutes left.
 */
export const RECORD_PRIORITY = LAST;

/** Key of a revocation: an operator waits for it, and it is given up after a minute. */
export const REVOKE_PRIORITY = 1;

/**
 * Temporal's priority key of a refresh; 1 goes first. It is 1 if nobody can be served until the refresh is made, or if
 * somebody waits for it. Otherwise the time that is left of the token decides. A rejected client's looks for a token that
 * has ended go last, whoever waits: they send nothing, and would come before other clients' refreshes for as long as nobody
 * repairs the client. The key is set when the refresh begins and holds for all its attempts.
 */
export function refreshPriority(
  { state: { token, lastFailure }, reason, callers }: PriorityFacts,
  nowMs: number,
): number {
  if (reason !== 'due') return 1;
  const leftMs = token === undefined ? 0 : token.expiresAtMs - nowMs;
  if (lastFailure?.type === 'ClientRejectedError' && leftMs <= 0) return LAST;
  if (callers > 0) return 1;
  const rank = SOON_EXPIRED.findIndex((withinMs) => leftMs <= withinMs);
  return rank === -1 ? LAST : rank + 1;
}
