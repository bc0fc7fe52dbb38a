import type { CredentialSpec, Token } from './credential.js';
import type { FailureSummary } from './failures.js';
import type { ApplyRequest, CutWait } from './messages.js';

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
  /** Latest generation found wanting. */
  readonly generation: number;
  /** What an operator lets it cut short; absent for services, which wait for a refresh that is wanted already. */
  readonly cuts?: CutWait;
}

/** A login that a later one has replaced. */
export interface EarlierLogin {
  /** Fingerprint of the spent material field as it was applied. */
  readonly lineage: string;
  /** By the keeper's clock, milliseconds since the epoch. */
  readonly replacedAtMs: number;
}

/** All that a keeper carries from run to run. Plain JSON: it must survive continue-as-new. */
export interface KeeperState extends LoginState {
  /**
   * The states before logins that are not confirmed, the newest first. If the journal says that the present login is an
   * earlier one, the keeper goes on with the state before it.
   */
  readonly formerStates?: readonly LoginState[];
  /** When the operators' messages that were acted on were made, by their clocks, the newest first: a copy does nothing. */
  readonly actedOnMs?: readonly number[];
}

/** What a keeper knows of the login that it keeps. */
export interface LoginState {
  /** Successful refreshes so far; 0 before the first. */
  readonly generation: number;
  /** Orders the lineages of the credential: counts its logins, 1 for the first. */
  readonly epoch: number;
  /** Number of the newest application: `ApplyRequest.application`. */
  readonly application: number;
  /** Logins before the present one, the newest first; applying one of them again would spend what is spent. */
  readonly earlierLogins: readonly EarlierLogin[];
  /** The journal has not been asked yet whether it knows a later login than this one. */
  readonly isLoginUnconfirmed?: true;
  /** An operator returned to an earlier login on purpose, and no refresh has confirmed it yet. */
  readonly returns?: true;
  /** The journal that holds this credential's record; absent before the first refresh. */
  readonly journalId?: string;
  readonly status: KeeperStatus;
  readonly spec: CredentialSpec;
  readonly token?: Token;
  /** The journal has not been told of the newest application, nor asked whether it knows a newer token. */
  readonly isUnrecorded?: true;
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

/**
 * Input of `credentialKeeper`: `apply` alone starts a credential, with `state` it goes on after a closed run, and
 * `state` alone continues as new.
 */
export interface KeeperInput {
  readonly apply?: ApplyRequest;
  readonly state?: KeeperState;
  /** Whether the namespace has our search attributes: an unregistered one fails the workflow task for ever. */
  readonly useSearchAttributes: boolean;
}

/** How a keeper ended that was told to stop. */
export interface KeeperResult {
  readonly status: 'stopped';
  readonly generation: number;
}
