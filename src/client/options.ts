import type { KeeperStatus } from '../contract/keeper.js';

/** What a reader wants of a token. */
export interface GetOptions {
  /**
   * How long the token must still live, in milliseconds, 0 or more. Default: 10,000, or half of the token's life if
   * that is less. With the default, a valid token that lives shorter is returned if no fresher one comes within half of
   * what is left of it. With a value of your own, `get` waits on, and then rejects.
   */
  readonly minValidityMs?: number;
  /** Ends the wait, which otherwise takes at most 30 s; `get` then rejects with the signal's reason. */
  readonly signal?: AbortSignal;
}

/** Options of a forced refresh. */
export interface RefreshOptions {
  /** Generation of the token that did not work. Default: that of the current one. */
  readonly afterGeneration?: number;
  /**
   * Ends the wait, which otherwise takes at most 30 s; `refresh` then rejects with the signal's reason. The refresh
   * itself goes on.
   */
  readonly signal?: AbortSignal;
}

/** Which credentials to list; without a field, all. */
export interface ListFilter {
  readonly status?: KeeperStatus;
  readonly provider?: string;
}
