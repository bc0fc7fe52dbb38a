/**
 * Types of the failures that cross Temporal's borders, as a closed union.
 * `docs/errors.md` says for each what it means and what to do; a test holds the two together.
 */
export const FAILURE_TYPES = [
  /** The provider, the network or a gateway did not answer usefully; it is tried again. */
  'TransientRefreshError',
  /** A 400, 401, 403 or 404 that is not in the provider's own shape; it is tried again, up to a limit. */
  'UnconfirmedRefreshError',
  /** The provider does not accept the client's registration; tried again slowly. */
  'ClientRejectedError',
  /** A refresh can never succeed with this material; the keeper ends. */
  'PermanentRefreshError',
  /** An earlier attempt's request may still be open; nothing was sent. */
  'AwaitingAnswerError',
  /** A wait is not over that the provider asked for, or our own backoff; nothing was sent. */
  'RetryAfterHoldError',
  /** Other requests go first: to the same host, or for a client that is being tried; nothing was sent. */
  'TurnAwaitedError',
  /** The refresh journal could not be read or written; nothing was sent. */
  'JournalUnavailableError',
  /** The worker lacks something that the credential names; nothing was sent. */
  'WorkerMisconfiguredError',
  /** No token of the wanted validity came in time; the caller may ask again. */
  'NotFreshInTimeError',
  /** As many callers wait as may; the caller looks at the keeper again and again instead. */
  'TooManyCallersError',
  /** No fresh token of this credential could satisfy the caller. */
  'UnsatisfiableValidityError',
  /** The keeper was stopped while callers waited. */
  'KeeperStoppedError',
  /** A request to a keeper, such as an application, was not carried out, and nothing was changed. */
  'ApplyRefusedError',
  /** The provider did not revoke the grant; the keeper goes on. */
  'RevocationFailedError',
] as const;

export type FailureType = (typeof FAILURE_TYPES)[number];

/**
 * Codes of ours, beside `http_<status>` and the codes that a provider's table lists. `docs/errors.md` explains each;
 * a test holds the two together.
 */
export const FAILURE_CODES = [
  // A refusal whose cause only we know
  'beyond_renewal',
  'outcome_unknown',
  // The journal knows of a later login or application than the keeper
  'login_replaced',
  'login_forgotten',
  'settings_replaced',
  // Nothing was sent
  'request_may_be_open',
  'held_back',
  'host_full',
  'client_on_trial',
  'journal_unreadable',
  'journal_undecipherable',
  'other_journal',
  'answer_not_recorded',
  'intent_not_written',
  'intent_too_slow',
  'attempt_too_late',
  'unknown_provider',
  'unusable_config',
  'unusable_material',
  'missing_secret',
  'destination_refused',
  'look_up_failed',
  // No usable answer came
  'not_connected',
  'connection_lost',
  'deadline_exceeded',
  'answer_too_large',
  'no_token_in_answer',
  // An attempt without a word
  'attempt_lost',
  'attempt_undecided',
  'unexpected_error',
  // A grant that was not revoked
  'no_revocation_endpoint',
  'newest_token_unknown',
  // An operator's request that was not acted on
  'request_outdated',
  'request_untimely',
  // A keeper that ended without a failure
  'stopped',
  'keeper_ended',
] as const;

export type FailureCode = (typeof FAILURE_CODES)[number];

/** What a failure says of itself. It never holds a text of the provider, which may echo a secret. */
export interface FailureDetails {
  readonly provider: string;
  /** Reviewed code: the provider's own where it is listed, else one of ours. */
  readonly code: string;
  /** Absent when no answer came. */
  readonly httpStatus?: number;
  /** When it happened, milliseconds since the epoch by the server's clock. */
  readonly atMs: number;
  /** What the operator should do, as a sentence. */
  readonly action: string;
  /** When a request went out whose answer never came: it may have spent the material. */
  readonly doubtSinceMs?: number;
  /** Of a rejected client: when it is tried again, in milliseconds after the failure. */
  readonly retryInMs?: number;
  /** Of a rejected client: when a request for another credential found it out, so that none was sent for this one. */
  readonly clientRejectedAtMs?: number;
  /** Of `settings_replaced`, `login_replaced` and `login_forgotten`: number of the newest application that the journal knows. */
  readonly application?: number;
  /** Of `login_replaced` and `login_forgotten`: when a later login took its place. */
  readonly replacedAtMs?: number;
  /** Of `other_journal`: the journal of this worker. */
  readonly journalId?: string;
}

/** The last failure as a keeper remembers it. */
export interface FailureSummary extends FailureDetails {
  readonly type: FailureType;
}
