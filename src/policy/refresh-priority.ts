import type { KeeperState } from '../contract/keeper.js';
import type { RefreshReason } from '../contract/refresh-activity.js';
import { SOON_EXPIRED } from './fleet-numbers.js';

/** What decides how early a worker takes a refresh out of a backlog. */
export interface PriorityFacts {
  readonly state: Pick<KeeperState, 'token'>;
  readonly reason: RefreshReason;
  /** Callers that wait for a token. */
  readonly callers: number;
}

/**
 * Temporal's priority key of a refresh, 1 the first: 1 where nobody can be served until it is made, or somebody waits for
 * it; then by the time that is left of the token. It is decided when the refresh begins and holds for all its attempts.
 */
export function refreshPriority(
  { state: { token }, reason, callers }: PriorityFacts,
  nowMs: number,
): number {
  if (token === undefined || callers > 0 || reason !== 'due') return 1;
  const leftMs = token.expiresAtMs - nowMs;
  const rank = SOON_EXPIRED.findIndex((withinMs) => leftMs <= withinMs);
  return rank === -1 ? SOON_EXPIRED.length + 1 : rank + 1;
}
