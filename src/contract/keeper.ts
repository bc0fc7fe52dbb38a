import type { CredentialSpec, Token } from './credential.js';
import type { FailureSummary } from './failures.js';
import type { ApplyRequest, CutWait } from './messages.js';

/**
 * Status of a keeper, as the search attribute `EvertokenStatus` shows it.
 * - `fresh`: the token is valid, and no refresh has been under way for 15 s.
 * - `retrying`: there is no token yet, or a refresh has not succeeded for 15 s.
 * - `expired`: the token has expired, and refreshes are still tried.
 * - `client-rejected`: the provider does not accept the client; refreshes are tried slowly.
 * - `failed`: the keeper ended, since its material can never be refreshed.
 * - `stopped`: the keeper was stopped, or ended from outside.
 */
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
  /** Latest generation whose token did not work. */
  readonly generation: number;
  /**
   * Which wait it cuts short, if an operator asked for it. Absent for services: they wait for the refresh that is
   * already due.
   */
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
  /**
   * When operators made the messages that this keeper has acted on, by the operators' clocks, the newest first. Another
   * message with one of these times is a copy and is ignored.
   */
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
  /** If the last execution was cut: when it began, since its request may have gone out. */
  readonly doubtSinceMs?: number;
  /** Since when another journal, from which the keeper was moved, may know of requests that its present one does not. */
  readonly movedSinceMs?: number;
  /**
   * If the provider refused this material while a request with it was in doubt: since when that was. It is not sent again
   * with the same settings. The keeper takes only an answer that has reached the journal since.
   */
  readonly refusedInDoubtSinceMs?: number;
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
