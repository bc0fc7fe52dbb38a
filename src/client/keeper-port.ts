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

/** An activity that no worker has. */
export interface ActivityWait {
  readonly taskQueue: string;
  /** When a worker may take it, in Unix milliseconds, past or future. */
  readonly sinceMs: number;
}

/** How a credential is: what its keeper says, and how far a refresh that is under way has come. */
export interface CredentialStatus extends StatusAnswer {
  /** Attempts of the refresh under way, the current one included. */
  readonly attempt?: number;
  /** When the next attempt starts, while the refresh backs off. */
  readonly nextAttemptAtMs?: number;
  /** Present if no worker has taken the attempt for seconds. */
  readonly waitsForWorker?: ActivityWait;
}

/** The keepers as readers need them. Every method rejects with a `TokenError` and nothing else, unless it says so. */
export interface KeeperPort {
  /** Asks for the current token, also of a keeper that has ended. */
  token(id: string): Promise<TokenAnswer>;
  /**
   * Asks how the keeper is, also of one that has ended: then, from outside too, it is `stopped` or `failed`.
   * `lastFailure` is also that of an attempt under way.
   */
  status(id: string): Promise<CredentialStatus>;
  /**
   * Waits for a token that satisfies the request, about `ENSURE_FRESH_WAIT_MS`. Rejects with an
   * `UnsatisfiableValidityError` where no fresh token could.
   */
  ensureFresh(id: string, request: EnsureFreshRequest): Promise<TokenAnswer>;
  /** All credentials, each once. */
  list(): Promise<readonly CredentialSummary[]>;
  close(): Promise<void>;
}
