/**
 * The numbers that a keeper's replay depends on: a recorded history must run again with the number that it was made
 * with, so whoever changes one guards the change with `patched` (docs/upgrading.md). Three are free to change, since a
 * replay decides nothing by them: `ENSURE_FRESH_WAIT_MS` and `LOGIN_CONFIRM_WAIT_MS` are only the lengths of timers, and
 * only a validator asks `CALLERS_WAITING_MAX`. So are all numbers of other files, since what they decide is recorded.
 */

const SECOND_MS = 1_000;
const DAY_MS = 24 * 60 * 60 * SECOND_MS;

// When a refresh may start

/** A lead over half of the life would refresh more than it serves. */
export const LEAD_MAX_SHARE_OF_LIFE = 0.5;
/** Two unforced refreshes are at least this far apart, whatever a provider says of lifetimes. */
export const UNFORCED_SPACING_MS = 10 * SECOND_MS;
/** Two forced refreshes are at least this far apart: a service in a 401 loop must not hammer the provider. */
export const FORCED_SPACING_MS = 10 * SECOND_MS;
/** Wait after an execution that ended without a word of ours: a forged result, or a cut attempt that timed out. */
export const UNDECIDED_RETRY_MS = 10 * SECOND_MS;
/** Longest wait after a rejected client, whatever the activity says: as long as the longest `Retry-After` that is obeyed. */
export const REJECTED_WAIT_MAX_MS = 60 * 60 * SECOND_MS;

// What a keeper shows and how it answers

/** A refresh that runs this long is shown as `retrying`. */
export const RETRYING_AFTER_MS = 15 * SECOND_MS;
/**
 * Longest wait of `apply` for the journal's word on whether its login is an earlier one: an attempt that meets no
 * obstacle has it in well under a second. It holds one of the ten updates that may wait.
 */
export const LOGIN_CONFIRM_WAIT_MS = 5 * SECOND_MS;
/** Longest wait of one `ensureFresh`; callers repeat. An abandoned one cannot be withdrawn, and ten may wait. */
export const ENSURE_FRESH_WAIT_MS = 10 * SECOND_MS;
/** Callers that wait at once: the server takes ten updates in flight, and owners need some to repair what callers wait for. */
export const CALLERS_WAITING_MAX = 5;

/**
 * An operator's message is acted on if its clock and the keeper's differ by at most this: clocks are off, and a message may
 * wait for a worker. One that is further ahead could lock out those of others.
 */
export const OPERATOR_CLOCK_TOLERANCE_MS = 10 * 60 * SECOND_MS;

// How long one run is

/** Each limit of a run keeps its history short: a query of an evicted keeper replays it (0.14 s at 225 events). */
export const RUN_MAX_REFRESHES = 20;
export const RUN_MAX_EVENTS = 500;
/** The server rejects the 2,001st update and the 10,001st signal of a run. */
export const RUN_MAX_MESSAGES = 1_000;
/** Past this a run ends even while callers wait; they repeat their update at the next run. */
export const RUN_HARD_MAX_MESSAGES = 1_500;
/** Oldest run: workers with new code take every keeper over within it. */
export const RUN_MAX_AGE_MS = 7 * DAY_MS;

// What a keeper remembers

/** Logins before the present one that a keeper carries along, and whose newest answers the journal keeps. */
export const EARLIER_LOGINS_MAX = 20;
/** Operators' messages whose copies a keeper knows: more than anybody sends by hand within the tolerance of their clocks. */
export const ACTED_ON_MAX = 50;
/** States that a keeper can go back to while logins are unconfirmed: each holds a token and material, in payloads of 2 MiB. */
export const FORMER_STATES_MAX = 3;
