/** The numbers of the command line, each with its unit and its reason. */

const SECOND_MS = 1_000;
const DAY_MS = 86_400 * SECOND_MS;

// How a command asks

/** Deadline of a command's call. Including its own start, a command says within 10 s that nobody answers. */
export const CLI_CALL_DEADLINE_MS = 6 * SECOND_MS;
/** Longest wait that may be asked for. A timer of Node.js holds 24.8 days; a longer one fires at once. */
export const WAIT_MAX_MS = 24 * DAY_MS;
/** How long `forget` waits for the server's deletions. The server queues them; they take well under a second. */
export const FORGET_DEADLINE_MS = 30 * SECOND_MS;

// How credentials are applied

/** Longest wait of `apply` during which no credential gets its token: one attempt and a few retries. */
export const APPLY_WAIT_MS = 60 * SECOND_MS;
/**
 * After so long without a success `apply` looks whether workers are there. Including its own start,
 * it says within 10 s that none is.
 */
export const APPLY_UNSERVED_MS = 7 * SECOND_MS;
/** Keepers that are looked at together. The others are worth a look only if half of these have a token. */
export const APPLY_LOOKS = 16;
/** If no more than this many are left, all are looked at, so that nobody waits for the last ones in vain. */
export const APPLY_LOOKS_AT_ALL = 50;
/** Pause between two looks at a keeper while waiting for its token. */
export const APPLY_POLL_MS = 500;
/** Share of the time that the looks may take. The rest is for the server to make the tokens. */
export const APPLY_POLL_SHARE = 0.25;
/** Longest pause between two rounds of looks, however slow they are. The end of `APPLY_WAIT_MS` is noticed within it. */
export const APPLY_POLL_MAX_MS = 10 * SECOND_MS;

// What `dev` does

/** A timed run succeeds if each credential had this many refreshes. The second proves the material from the first. */
export const ENOUGH_REFRESHES = 2;

// What a command shows

/** How often progress is reported if no terminal can show a changing line. */
export const PROGRESS_INTERVAL_MS = 10 * SECOND_MS;
/** Pause between two lists of `list --watch`. The visibility store lags by about as much. */
export const LIST_INTERVAL_MS = 2 * SECOND_MS;
/** Most ids that one sentence names. */
export const IDS_IN_A_SENTENCE = 5;
