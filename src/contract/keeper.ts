import type { CredentialSpec, Token } from './credential.js';
import type { FailureSummary } from './failures.js';

/** What a keeper is, as `EvertokenStatus` shows it. */
export const KEEPER_STATUSES = [
  'fresh',
  'retrying',
  'expired',
  'client-rejected',
  'failed',
  'stopped',
] as const;
export type KeeperStatus = (typeof KEEPER_STATUSES)[number];

/** A refresh that someone asked for and that has not been made yet. */
export interface PendingForce {
  readonly requestedAtMs: number;
  /** Latest generation found wanting, as the callers named it; absent when none did. */
  readonly generation?: number;
  /** An operator's `--now`: a `Retry-After` does not hold it back. */
  readonly overrideRetryAfter: boolean;
}

/** All that a keeper carries from run to run. Plain JSON: it must survive continue-as-new. */
export interface KeeperState {
  /** Drawn when the credential was first started; survives every new run and re-authorization. */
  readonly keeperId: string;
  /** Successful refreshes so far; 0 before the first. */
  readonly generation: number;
  /** Re-authorizations so far; the lineage to which the material belongs. */
  readonly epoch: number;
  readonly status: KeeperStatus;
  readonly spec: CredentialSpec;
  readonly token?: Token;
  /** When the refresh of the current token is due, jitter included; drawn once per generation. */
  readonly nextRefreshAtMs: number;
  /** When the last refresh of any kind was begun. */
  readonly lastRefreshStartedAtMs?: number;
  /** When the last forced refresh was begun. */
  readonly lastForcedAtMs?: number;
  readonly pendingForce?: PendingForce;
  /** Since when a refresh has been wanted without success; absent while none is. */
  readonly wantedSinceMs?: number;
  /** Failures in a row that ended an execution of the activity. */
  readonly failureStreak: number;
  readonly lastFailure?: FailureSummary;
  /** The last execution was cut; it began then and its request may have gone out. */
  readonly doubtSinceMs?: number;
}

/** Input of `credentialKeeper`. */
export interface KeeperInput {
  readonly state: KeeperState;
  /** Whether the namespace has our search attributes: an unregistered one fails the workflow task for ever. */
  readonly useSearchAttributes: boolean;
}

/** How a keeper ended that was told to stop. */
export interface KeeperResult {
  readonly status: 'stopped';
  readonly generation: number;
}
