/** The numbers by which services read tokens, each with its unit and its reason. */

const SECOND_MS = 1_000;

/** Validity that a reader gets when it asks for none: a request may be under way that long; far below every lead. */
export const DEFAULT_MIN_VALIDITY_MS = 10 * SECOND_MS;
/** Longest wait of a reader that sets no limit: three waits of `ensureFresh`, so one failed attempt is survived. */
export const READER_WAIT_MS = 30 * SECOND_MS;
/** Pause between two looks for the successor of a token that is due: a rotated token may have died already. */
export const LOOK_AGAIN_MS = 10 * SECOND_MS;
