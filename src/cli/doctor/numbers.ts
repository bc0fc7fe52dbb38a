/** The numbers of the doctor, each with its unit and its reason. */

const SECOND_MS = 1_000;
const MINUTE_MS = 60 * SECOND_MS;

// What is trouble

/** One failed workflow task may come from a worker that was just replaced. Temporal's own flag waits for the second, too. */
export const TASK_FAILURES_TOLERATED = 1;
/** A refresh may take this many attempts before it counts as failing: about two minutes of backoff. */
export const REFRESH_ATTEMPTS_TOLERATED = 8;
/** If no worker took a task for this long, there is none. Rolling the workers takes less. */
export const WORKER_WAIT_TOLERATED_MS = 1 * MINUTE_MS;
/** If a refresh was due this long ago and has not begun, it will not begin by itself. */
export const OVERDUE_TOLERATED_MS = 1 * MINUTE_MS;

// How it looks

/** Up to this many running keepers are inspected one by one, which takes seconds. If there are more, only those that look due. */
export const INSPECT_ALL_MAX = 500;
/** Default for the longest examination, so that a cron job that runs every minute does not overtake itself. */
export const EXAMINATION_TIMEOUT_MS = 50 * SECOND_MS;
/** Default pause between two examinations of `--watch`: as long as the shortest default lead. */
export const EXAMINATION_INTERVAL_MS = 30 * SECOND_MS;
/** Shortest pause. Visibility lags by about as much. */
export const EXAMINATION_INTERVAL_MIN_MS = 1 * SECOND_MS;
