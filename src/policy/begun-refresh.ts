import type { KeeperState } from '../contract/keeper.js';
import type { CutWait } from '../contract/messages.js';
import type { RefreshReason } from '../contract/refresh-activity.js';
import { forcedStartAtMs } from './forced-refresh.js';
import { unforcedStartAtMs } from './refresh-time.js';

/** The state with which a refresh begins, and why it does. A force that is due is taken into it. */
export function withBegunRefresh(
  state: KeeperState,
  nowMs: number,
): { readonly state: KeeperState; readonly reason: RefreshReason } {
  const { pendingForce, ...rest } = state;
  const { wantedSinceMs, nextRefreshAtMs, lastRefreshStartedAtMs } = state;
  const isForced = isForceDue(state, nowMs);
  const wasDueAnyway =
    wantedSinceMs === undefined &&
    unforcedStartAtMs(nextRefreshAtMs, lastRefreshStartedAtMs) <= nowMs;
  return {
    reason: isForced ? reasonOf(pendingForce?.cuts) : 'due',
    state: {
      ...rest,
      ...(pendingForce !== undefined && !isForced ? { pendingForce } : {}),
      ...(isForced && !wasDueAnyway ? { lastForcedAtMs: nowMs } : {}),
      lastRefreshStartedAtMs: nowMs,
      wantedSinceMs: wantedSinceMs ?? nowMs,
    },
  };
}

/** Whether a refresh that somebody asked for may start. */
export function isForceDue(state: KeeperState, nowMs: number): boolean {
  const atMs = forcedStartAtMs(state);
  return atMs !== undefined && atMs <= nowMs;
}

function reasonOf(cuts: CutWait | undefined): RefreshReason {
  if (cuts === undefined) return 'wanted';
  return cuts === 'retry-after' ? 'forced-now' : 'forced';
}
