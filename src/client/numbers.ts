/** The numbers by which services read tokens, each with its unit and its reason. */

const SECOND_MS = 1_000;

/**
 * Default for the validity that a reader asks for: a service's own request takes about that long. It is less than
 * `LEAD_MIN_MS`, so a token is refreshed before a reader finds it wanting.
 */
export const DEFAULT_MIN_VALIDITY_MS = 10 * SECOND_MS;
/** Longest wait of a reader that sets no limit: three waits of `ensureFresh`, so one failed attempt is survived. */
export const READER_WAIT_MS = 30 * SECOND_MS;
/**
 * Longest pause between two looks for the successor of a token that is due: a rotated token may have died already. Where a tenth of
 * the token's life is less, it is that.
 */
export const LOOK_AGAIN_MS = 10 * SECOND_MS;
/** Share of a token's life after which a reader that serves it from memory looks again: its own clock may be minutes behind. */
export const READ_AGAIN_SHARE = 0.1;
/** Longest time until then: no reader is further behind the keeper than this, whatever its clock says. */
export const READ_AGAIN_MAX_MS = 5 * 60 * SECOND_MS;
/** Tokens in memory from which on dead ones are looked for: fewer take a few megabytes at most. */
export const SWEPT_TOKENS_MIN = 1_000;
/** Characters of an id that a message shows: no credential's is longer. A caller may have it from anybody. */
export const ID_SHOWN_MAX = 200;
