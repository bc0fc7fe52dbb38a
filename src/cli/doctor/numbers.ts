/** The numbers of the doctor, each with its unit and its reason. */

const SECOND_MS = 1_000;
const MINUTE_MS = 60 * SECOND_MS;

// What is trouble

/** One failed workflow task may be a worker that was just replaced; Temporal's own flag waits for the second, too. */
export const TASK_FAILURES_TOLERATED = 1;
/** Attempts of one refresh until it is more than a hiccup: about two minutes of backoff. */
export const REFRESH_ATTEMPTS_TOLERATED = 8;
/** A task that no worker took for this long has none: rolling workers over takes less. */
export const WORKER_WAIT_TOLERATED_MS = 1 * MINUTE_MS;
/** A refresh that was due this long ago and has not begun never will by itself. */
export const OVERDUE_TOLERATED_MS = 1 * MINUTE_MS;

// How it looks

/** So many running keepers are all inspected one by one, which takes seconds. Of more, only those that look due. */
export const INSPECT_ALL_MAX = 500;
/** Longest examination unless told otherwise: a cron job of each minute does not overtake itself. */
export const EXAMINATION_TIMEOUT_MS = 50 * SECOND_MS;
/** Pause between two examinations of one that watches, unless told otherwise: a token is refreshed that long ahead. */
export const EXAMINATION_INTERVAL_MS = 30 * SECOND_MS;
/** Shortest pause: visibility lags by about as much. */
export const EXAMINATION_INTERVAL_MIN_MS = 1 * SECOND_MS;
