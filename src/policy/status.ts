import type { KeeperState, KeeperStatus } from '../contract/keeper.js';
import { RETRYING_AFTER_MS } from './keeper-numbers.js';

type StatusFacts = Pick<KeeperState, 'token' | 'lastFailure' | 'wantedSinceMs'>;

/** Status of a running keeper. A rejected client is shown before expiry, since it names the cause. */
export function keeperStatus(facts: StatusFacts, nowMs: number): KeeperStatus {
  if (facts.lastFailure?.type === 'ClientRejectedError') return 'client-rejected';
  if (facts.token === undefined) return 'retrying';
  if (facts.token.expiresAtMs <= nowMs) return 'expired';
  const failingFor = facts.wantedSinceMs === undefined ? 0 : nowMs - facts.wantedSinceMs;
  return failingFor >= RETRYING_AFTER_MS ? 'retrying' : 'fresh';
}

/** A running keeper's state with the status that it has at this time. */
export function withStatus(state: Omit<KeeperState, 'status'>, nowMs: number): KeeperState {
  return { ...state, status: keeperStatus(state, nowMs) };
}

/** A status as of now: a keeper without a worker cannot notice that its token has expired. */
export function statusAsOf(
  status: KeeperStatus,
  expiresAtMs: number | undefined,
  nowMs: number,
): KeeperStatus {
  const mayHaveExpired = status === 'fresh' || status === 'retrying';
  return mayHaveExpired && expiresAtMs !== undefined && expiresAtMs <= nowMs ? 'expired' : status;
}

/** Whether a status is one with which a keeper ends. */
export function hasEnded(status: KeeperStatus): boolean {
  return status === 'failed' || status === 'stopped';
}

/** When the status of a keeper in the middle of a refresh changes by itself, or `undefined` if it will not. */
export function nextStatusChangeAtMs(facts: StatusFacts, nowMs: number): number | undefined {
  if (facts.lastFailure?.type === 'ClientRejectedError' || facts.token === undefined) {
    return undefined;
  }
  const changes = [
    facts.token.expiresAtMs,
    ...(facts.wantedSinceMs === undefined ? [] : [facts.wantedSinceMs + RETRYING_AFTER_MS]),
  ].filter((atMs) => atMs > nowMs);
  return changes.length === 0 ? undefined : Math.min(...changes);
}
