import type { Token } from './credential.js';
import type { FailureSummary } from './failures.js';
import type { KeeperStatus } from './keeper.js';

/** Answer of the `token` query and of `ensureFresh`. The reader judges validity: a query's clock stands still. */
export interface TokenAnswer {
  readonly id: string;
  readonly provider: string;
  readonly status: KeeperStatus;
  readonly generation: number;
  /** Absent before the first token. */
  readonly token?: Token;
  /** When the token is refreshed; some providers end the old one then. Absent once the keeper has ended. */
  readonly nextRefreshAtMs?: number;
  readonly lastFailure?: FailureSummary;
}

/** Answer of the `status` query: no secret in it. */
export interface StatusAnswer {
  readonly id: string;
  readonly provider: string;
  readonly status: KeeperStatus;
  readonly generation: number;
  readonly epoch: number;
  readonly tokenType?: string;
  readonly issuedAtMs?: number;
  readonly expiresAtMs?: number;
  /** When the material expires, where the provider says so: after that only a new login helps. */
  readonly materialExpiresAtMs?: number;
  /** Absent once the keeper has ended. */
  readonly nextRefreshAtMs?: number;
  readonly refreshing: boolean;
  readonly forcePending: boolean;
  readonly failureStreak: number;
  readonly lastFailure?: FailureSummary;
}

/** Argument of the `forceRefresh` signal. */
export interface ForceRefreshRequest {
  /** The generation found wanting: nothing happens if the keeper is already past it. */
  readonly generation?: number;
  /** Also cut short a `Retry-After`; for operators. Default false. */
  readonly overrideRetryAfter?: boolean;
}

/** Argument of the `ensureFresh` update. */
export interface EnsureFreshRequest {
  /** How long the token must still live, in milliseconds. */
  readonly minValidityMs: number;
  /** Only a token of a later generation will do. */
  readonly afterGeneration?: number;
}

/** What `reauthorize` did: nothing; new settings or side material; or a new epoch. */
export type ApplyOutcome = 'unchanged' | 'updated' | 'reauthorized';
