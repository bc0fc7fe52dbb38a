import { REVOKE_TIMEOUT_MS } from '../policy/attempt-numbers.js';

/** The numbers of a worker process, each with its unit and its reason. */

const SECOND_MS = 1_000;

/**
 * Longest time that a keeper's task waits for the worker that has the keeper in memory. Afterwards any worker takes it, and
 * replays it. A killed worker never takes it, so it is well below the shortest lead and a reader's wait. Where more is due
 * than the server makes, tasks wait for some 10 s: with less, they would be replayed, and starve
 * (docs/decisions/0020-a-task-waits-for-its-worker.md).
 */
export const STICKY_TIMEOUT_MS = 20 * SECOND_MS;
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
