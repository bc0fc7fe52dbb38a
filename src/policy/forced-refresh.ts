import type { KeeperState, PendingForce } from '../contract/keeper.js';
import type { CutWait, ForceRefreshRequest } from '../contract/messages.js';
import { FORCED_SPACING_MS } from './keeper-numbers.js';
import { notBeforeAgeMs, unforcedStartAtMs } from './refresh-time.js';

/**
 * What a request for a refresh leaves pending. A request that names a generation which the keeper is already past adds
 * nothing, nor does a wish for a refresh that is wanted already: only an operator's force cuts a backoff. A generation
 * above the current one (after a reset) counts as the current one.
 */
export function pendingForceAfter(
  state: Pick<KeeperState, 'generation' | 'pendingForce' | 'wantedSinceMs'>,
  { generation, cuts }: Pick<ForceRefreshRequest, 'generation' | 'cuts'>,
  nowMs: number,
): PendingForce | undefined {
  const pending = state.pendingForce;
  const isWantedAlready = state.wantedSinceMs !== undefined && generation === state.generation;
  if (generation < state.generation || (isWantedAlready && cuts === undefined)) return pending;
  const stronger = strongerCut(pending?.cuts, cuts);
  return {
    requestedAtMs: pending?.requestedAtMs ?? nowMs,
    generation: Math.max(pending?.generation ?? generation, generation),
    ...(stronger === undefined ? {} : { cuts: stronger }),
  };
}

function strongerCut(one: CutWait | undefined, other: CutWait | undefined): CutWait | undefined {
  return one === 'retry-after' ? one : (other ?? one);
}

/**
 * Whether a force outlives a refresh that made this generation: somebody has already found its token wanting. Temporal
 * hands over messages before the result that came with them, so that is possible.
 */
export function survivesRefresh(pending: PendingForce | undefined, generation: number): boolean {
  return pending?.generation === generation;
}

/** When the pending forced refresh may start, or `undefined` without one. */
export function forcedStartAtMs(state: KeeperState): number | undefined {
  if (state.pendingForce === undefined) return undefined;
  return Math.max(
    state.pendingForce.requestedAtMs,
    (state.lastForcedAtMs ?? 0) + (state.lastForcedAtMs === undefined ? 0 : FORCED_SPACING_MS),
    state.token === undefined ? 0 : notBeforeAgeMs(state.token, state.spec.timing),
  );
}

/** When the next refresh starts, forced or not. */
export function nextStartAtMs(state: KeeperState): number {
  const unforced = unforcedStartAtMs(state.nextRefreshAtMs, state.lastRefreshStartedAtMs);
  return Math.min(unforced, forcedStartAtMs(state) ?? unforced);
}
