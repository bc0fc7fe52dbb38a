import { defined } from '../contract/defined.js';
import type { KeeperState, PendingForce } from '../contract/keeper.js';
import type { CutWait } from '../contract/messages.js';
import { FORCED_SPACING_MS } from './keeper-numbers.js';
import { notBeforeAgeMs, unforcedStartAtMs } from './refresh-time.js';

/**
 * What a request for a refresh leaves pending. A request adds nothing if the keeper is already past the generation that
 * it names, or if a refresh is already wanted; only an operator's force cuts a backoff. A later generation counts as the
 * current one if an operator names it, as after a reset. A service can mean none but the one that the refresh under way
 * makes: later ones are in copies of what was sealed before the credential began anew, and would count again and again.
 */
export function pendingForceAfter(
  state: Pick<KeeperState, 'generation' | 'pendingForce' | 'wantedSinceMs'>,
  { generation, cuts }: Pick<PendingForce, 'generation' | 'cuts'>,
  nowMs: number,
): PendingForce | undefined {
  const pending = state.pendingForce;
  const isWanted = state.wantedSinceMs !== undefined;
  if (generation < state.generation) return pending;
  if (cuts === undefined && generation !== state.generation + (isWanted ? 1 : 0)) return pending;
  const stronger = strongerCut(pending?.cuts, cuts);
  return {
    requestedAtMs: Math.min(pending?.requestedAtMs ?? nowMs, nowMs),
    generation: Math.max(pending?.generation ?? generation, generation),
    ...defined({ cuts: stronger }),
  };
}

function strongerCut(one: CutWait | undefined, other: CutWait | undefined): CutWait | undefined {
  return one === 'retry-after' ? one : (other ?? one);
}

/**
 * Whether a force outlives the refresh that made this generation, because somebody has already found its token wanting.
 * That can happen: Temporal hands over messages before the result that came with them.
 */
export function survivesRefresh(pending: PendingForce | undefined, generation: number): boolean {
  return pending?.generation === generation;
}

/**
 * When the pending forced refresh may start, or `undefined` without one. What was dated after the request was dated while
 * the server's clock ran ahead: it counts as of the request, or nothing could be forced until that clock is right again.
 */
export function forcedStartAtMs({
  pendingForce,
  lastForcedAtMs,
  token,
  spec: { timing },
}: KeeperState): number | undefined {
  if (pendingForce === undefined) return undefined;
  const { requestedAtMs } = pendingForce;
  const asOfRequest = (atMs: number): number => Math.min(atMs, requestedAtMs);
  return Math.max(
    requestedAtMs,
    lastForcedAtMs === undefined ? 0 : asOfRequest(lastForcedAtMs) + FORCED_SPACING_MS,
    token === undefined
      ? 0
      : notBeforeAgeMs({ ...token, issuedAtMs: asOfRequest(token.issuedAtMs) }, timing),
  );
}

/** When the next refresh starts, forced or not. */
export function nextStartAtMs(state: KeeperState): number {
  const unforced = unforcedStartAtMs(state.nextRefreshAtMs, state.lastRefreshStartedAtMs);
  return Math.min(unforced, forcedStartAtMs(state) ?? unforced);
}
