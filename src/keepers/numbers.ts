import { ATTEMPT_TIMEOUT_MS, REVOKE_WINDOW_MS } from '../policy/attempt-numbers.js';

/** The numbers of calls to keepers, each with its unit and its reason. */

const SECOND_MS = 1_000;
const MINUTE_MS = 60 * SECOND_MS;

// How a keeper is asked

/**
 * Longest attempt of a query within `TEMPORAL_CALL_DEADLINE_MS`. When many queries meet an update at the server, it sometimes
 * never hands one to the worker (seen on 1.29.1). The next attempt goes through at once. A keeper that was being replayed is in
 * the worker's cache by then.
 */
export const QUERY_ATTEMPT_MS = 2_500;
/** Pause before repeating what the server could not take or has not done yet. The first workflow task takes about this long. */
export const QUERY_RETRY_MS = 200;
/** How often a query that failed on its worker is repeated. A bad moment is over by then; an unfit worker still fails. */
export const QUERY_FAILURES_REPEATED = 3;
/** Pause between two looks at a keeper that has as many waiting callers as it may. A look costs the server milliseconds. */
export const CROWDED_POLL_MS = 1 * SECOND_MS;
/** Longest wait until the server takes an owner's update. Callers that wait in the keeper are gone after 10 s. */
export const UPDATE_PATIENCE_MS = 15 * SECOND_MS;
/** Longest wait for a revocation. A refresh that is under way finishes first. */
export const REVOKE_CALL_DEADLINE_MS = ATTEMPT_TIMEOUT_MS + REVOKE_WINDOW_MS;

// How many keepers

/**
 * Keepers in one page of a list. A page carries what each has published: some 100 KB, or 100 MB
 * where all tokens are as large as they may be.
 */
export const LIST_PAGE_SIZE = 500;
/** Deadline of one page: a busy server takes seconds for it, and there is no other way to what it shows. */
export const LIST_PAGE_DEADLINE_MS = 20 * SECOND_MS;
/** Runs that began so long before a list are read again after its last page: the store lags, and its nodes have clocks of their own. */
export const LIST_OVERLAP_MS = 1 * MINUTE_MS;
/** Queries of different keepers at once. A worker answers about 200 a second. */
export const QUERIES_AT_ONCE = 8;
/** Up to this many credentials are looked at one by one before they are applied. More are looked up in a list, which may lag. */
export const LOOKED_AT_EACH_MAX = 100;

/** Longest trial of a worker's keys before it starts. A busy server lists slowly, and its keepers wait for workers. */
export const KEYS_TRIED_FOR_MS = 8 * SECOND_MS;
/** Keepers, and keys, that an error names. */
export const UNREADABLE_SHOWN = 3;

// The server and its workers

/** Longest wait for search attributes to be usable after their registration. */
export const REGISTRATION_WAIT_MS = 10 * SECOND_MS;
/** Longest answer time of a server that is there at all. The call before has already waited for its own deadline. */
export const PROBE_DEADLINE_MS = 2 * SECOND_MS;
/**
 * After this long, `status` reports that an activity waits for a worker. A worker that is not behind takes it within
 * moments.
 */
export const UNTAKEN_AFTER_MS = 5 * SECOND_MS;
/** How long a worker's poll waits for a task; an idle worker that is alive polls as often. */
export const POLL_MS = 1 * MINUTE_MS + 5 * SECOND_MS;
/** A poller that was silent for this long is gone, although the server names it for five minutes. A poll takes one minute. */
export const POLLER_SILENCE_MAX_MS = 2 * MINUTE_MS;
/** A poller that the server names has not been silent for longer: five minutes, and the time that its answer takes. */
export const POLLER_NAMED_MAX_MS = 6 * MINUTE_MS;
