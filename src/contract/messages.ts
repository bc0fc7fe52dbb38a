import type { CredentialSpec, Token } from './credential.js';
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
  /** Number of the login that the material descends from, 1 for the first. */
  readonly epoch: number;
  /** The journal that holds this credential's record; absent before the first refresh. */
  readonly journalId?: string;
  readonly tokenType?: string;
  /** In milliseconds since the epoch, as all times here. Absent before the first token. */
  readonly issuedAtMs?: number;
  readonly expiresAtMs?: number;
  /** The provider named a life that is not believed, so the expiry is our own guess. */
  readonly isLifetimeDoubted?: true;
  /** Nobody said how long the token lives, or what was said is not believed: the expiry is a default. */
  readonly isLifetimeAssumed?: true;
  /** When the material expires, where the provider says so: after that only a new login helps. */
  readonly materialExpiresAtMs?: number;
  /** Absent once the keeper has ended. */
  readonly nextRefreshAtMs?: number;
  /** A refresh is under way. */
  readonly refreshing: boolean;
  /** A refresh is under way, or wanted and due: the token, if there is one, is not what was asked for last. */
  readonly awaitsRefresh: boolean;
  /** A forced refresh is still to come. */
  readonly forcePending: boolean;
  /** Executions of a refresh in a row that failed; 0 after a success. */
  readonly failureStreak: number;
  readonly lastFailure?: FailureSummary;
}

/** What an operator's force may cut short: our own backoff, or also a wait that the provider asked for. */
export const CUT_WAITS = ['backoff', 'retry-after'] as const;
export type CutWait = (typeof CUT_WAITS)[number];

/**
 * When an operator made a message, milliseconds since the epoch by their clock. A keeper acts once on what was made at one
 * time, and on nothing that was made long before or after its own: so a copy of an old message does nothing.
 */
export interface MadeByOperator {
  readonly wantedAtMs: number;
}

/**
 * Argument of the `forceRefresh` signal. Its first field is named unlike any other, so that no other sealed object can be
 * sent in its place.
 */
export interface ForceRefreshRequest extends Partial<MadeByOperator> {
  /**
   * Generation of the token that did not work: nothing happens if the keeper is already past it, or, unless an operator
   * says what to cut, if it has not come to it.
   */
  readonly unusableGeneration: number;
  /** The credential that is meant, which the codec server cannot know otherwise. The keeper of another one does nothing. */
  readonly credentialId?: string;
  /**
   * Which wait the request cuts short. Only operators may say so: it takes the owner key and `wantedAtMs`. Without it a
   * refresh stays in its backoff.
   */
  readonly cuts?: CutWait;
}

/** Argument of the `ensureFresh` update. */
export interface EnsureFreshRequest {
  /** How long the token must still live, in milliseconds. */
  readonly minValidityMs: number;
  /** Generation that the caller has seen: only whoever knows the newest one asks for a refresh. */
  readonly generation: number;
  /** Only a token of a later generation will do. */
  readonly afterGeneration?: number;
}

/** Argument of the `apply` update, and what a keeper starts with. */
export interface ApplyRequest {
  readonly spec: CredentialSpec;
  /**
   * Orders applications: milliseconds since the epoch by the clock of whoever applies, or one more than the number
   * before. The keeper refuses one that is not above its own, so a copy of an old application changes nothing.
   */
  readonly application: number;
  /** Whether the namespace has our search attributes: an unregistered one fails the workflow task for ever. */
  readonly useSearchAttributes: boolean;
  /** The material may be of a login that was replaced: an operator means to return to it. */
  readonly returns?: true;
}

/** Argument of the `moveJournal` update. */
export interface MoveJournalRequest extends MadeByOperator {
  /**
   * Id of the journal that the keeper knows; one that uses another is not moved. Absent for one whose first refresh has
   * not succeeded: only its attempts know a journal.
   */
  readonly from?: string;
  readonly to: string;
}

/** Why an application was refused; the details of an `ApplyRefusedError`. */
export interface ApplyRefusal {
  /**
   * `outdated`: its number is not above the keeper's; `replaced-login`: its material is of an earlier login;
   * `refused-material`: its material is the one that ended the keeper.
   */
  readonly reason: 'outdated' | 'replaced-login' | 'refused-material';
  /** Number of the newest application that the keeper knows. */
  readonly application: number;
  /**
   * The journal has not yet confirmed the login that replaced this one. If that login turns out to be an earlier one,
   * the refusal is soon over.
   */
  readonly isUnconfirmed?: true;
  /** Why, for people: sealed with the rest, since anybody can write the message of a failure. */
  readonly message: string;
}

/** What `apply` did: nothing; new settings or side material; or a new epoch. */
export const APPLY_OUTCOMES = ['unchanged', 'updated', 'reauthorized'] as const;
export type ApplyOutcome = (typeof APPLY_OUTCOMES)[number];
