import type { KeeperStatus } from '../contract/keeper.js';
import type { EnsureFreshRequest, StatusAnswer, TokenAnswer } from '../contract/messages.js';

/** One line of a list of credentials, as Temporal's visibility store knows it: it lags by moments. */
export interface CredentialSummary {
  readonly id: string;
  /** Absent when neither a search attribute nor a worker tells. */
  readonly provider?: string;
  readonly status?: KeeperStatus;
  readonly expiresAtMs?: number;
}

/** An activity that waits for a worker. */
export interface ActivityWait {
  readonly taskQueue: string;
  /** Since when a worker may take it, in milliseconds since the epoch. In the future while it backs off, if an old server does not say so. */
  readonly sinceMs: number;
}

/** State of a credential: what its keeper says, and how far the refresh under way has come. */
export interface CredentialStatus extends StatusAnswer {
  /** Attempts of the refresh under way, the current one included. */
  readonly attempt?: number;
  /** When the next attempt starts, in milliseconds since the epoch, while the refresh backs off. */
  readonly nextAttemptAtMs?: number;
  /** Present if no worker has taken the attempt for seconds. */
  readonly waitsForWorker?: ActivityWait;
  /** Somebody has paused the refresh in Temporal, so no attempt follows until it is unpaused or forced anew. */
  readonly isPaused?: true;
}

/**
 * The keepers as readers need them. A status of `token` and `status` is by the keeper's clock. Every method rejects with a `TokenError`
 * and nothing else, unless it says so.
 */
export interface KeeperPort {
  /** Asks for the current token, also of a keeper that has ended. */
  token(id: string): Promise<TokenAnswer>;
  /**
   * Asks for the state of the credential. Once its keeper has ended, by itself or from outside, the status is `stopped`
   * or `failed`. `lastFailure` may be that of the refresh under way.
   */
  status(id: string): Promise<CredentialStatus>;
  /**
   * Waits about 10 s (`ENSURE_FRESH_WAIT_MS`) for a token that satisfies the request. Rejects with an
   * `UnsatisfiableValidityError` if no fresh token could satisfy it.
   */
  ensureFresh(id: string, request: EnsureFreshRequest): Promise<TokenAnswer>;
  /** All credentials, each once. */
  list(): Promise<readonly CredentialSummary[]>;
  close(): Promise<void>;
}
