import { ATTEMPT_TIMEOUT_MS } from '../policy/attempt-numbers.js';

/** The numbers of a worker process, each with its unit and its reason. */

const SECOND_MS = 1_000;

/**
 * Longest wait of a keeper's task for the worker that has the keeper in memory. One that was killed takes none, and with
 * the SDK's 10 s whatever its keepers are asked would fail first.
 */
export const STICKY_TIMEOUT_MS = 5 * SECOND_MS;
/**
 * Longest run of workflow code on one task. With the SDK's own 5 s a storm of signals in one task would end the whole
 * worker process, again and again (https://github.com/nodejs/node/issues/38503); our code has no loop without an end.
 */
export const WORKFLOW_CODE_TIMEOUT_MS = 60 * SECOND_MS;
/** A worker that is told to stop lets requests on the way finish: longer than any attempt. */
export const SHUTDOWN_GRACE_MS = ATTEMPT_TIMEOUT_MS + 5 * SECOND_MS;
/** Past this a worker that should have stopped is given up. */
export const SHUTDOWN_FORCE_MS = SHUTDOWN_GRACE_MS + 10 * SECOND_MS;
