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
 * Temporal's priority key of a refresh; 1 goes first. It is 1 if nobody can be served until the refresh is made, or if
 * somebody waits for it. Otherwise the time that is left of the token decides. The looks of a rejected client go last, since
 * they would come before other clients' refreshes for as long as nobody repairs it. The key is set when the refresh begins
 * and holds for all its attempts.
 */
export function refreshPriority(
  { state: { token, lastFailure }, reason, callers }: PriorityFacts,
  nowMs: number,
): number {
  if (callers > 0 || reason !== 'due') return 1;
  if (lastFailure?.type === 'ClientRejectedError') return LAST;
  if (token === undefined) return 1;
  const leftMs = token.expiresAtMs - nowMs;
  const rank = SOON_EXPIRED.findIndex((withinMs) => leftMs <= withinMs);
  return rank === -1 ? LAST : rank + 1;
}
