import { REVOKE_TIMEOUT_MS } from '../policy/attempt-numbers.js';

/** The numbers of a worker process, each with its unit and its reason. */

const SECOND_MS = 1_000;

/**
 * Longest time that a keeper's task waits for the worker that has the keeper in memory. A killed worker never takes it. With
 * the SDK's 10 s, every question to its keepers would fail before another worker takes the task.
 */
export const STICKY_TIMEOUT_MS = 5 * SECOND_MS;
/**
 * Longest run of workflow code on one task. With the SDK's own 5 s, a storm of signals in one task would end the whole worker
 * process, again and again (https://github.com/nodejs/node/issues/38503). Our code has no endless loop that the limit would
 * have to stop.
 */
export const WORKFLOW_CODE_TIMEOUT_MS = 60 * SECOND_MS;
/**
 * How long a stopping worker lets requests that are on the way finish. It is longer than any
 * attempt, of which a revocation lasts longest.
 */
export const SHUTDOWN_GRACE_MS = REVOKE_TIMEOUT_MS + 5 * SECOND_MS;
/** After this long, a worker that should have stopped is given up. */
export const SHUTDOWN_FORCE_MS = SHUTDOWN_GRACE_MS + 10 * SECOND_MS;
/** Pause between two looks whether a worker broke. Until then the others of its process go on beside it. */
export const BROKEN_LOOK_MS = 1 * SECOND_MS;
