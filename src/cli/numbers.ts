/** The numbers of the command line, each with its unit and its reason. */

const SECOND_MS = 1_000;

// How a command asks

/** Deadline of a command's call: with the start of the process, it says within 10 s that nobody answers. */
export const CLI_CALL_DEADLINE_MS = 6 * SECOND_MS;
/** How long `forget` waits for the server's deletions, which it queues: they take well under a second. */
export const FORGET_DEADLINE_MS = 30 * SECOND_MS;

// How credentials are applied

/** Longest wait of `apply` without any credential getting its token: one attempt and a few retries. */
export const APPLY_WAIT_MS = 60 * SECOND_MS;
/** Keepers that are looked at together; whether half of them have a token says whether the others are worth a look. */
export const APPLY_LOOKS = 16;
/** So few are always looked at all, so that the last ones are not waited for in vain. */
export const APPLY_LOOKS_AT_ALL = 50;
/** Pause between two looks at a keeper that is waited for. */
export const APPLY_POLL_MS = 500;
/** Share of the time that those looks may take: the rest is for the server to make the tokens. */
export const APPLY_POLL_SHARE = 0.25;
/** Longest pause between two rounds of looks, however slow they are: the end of `APPLY_WAIT_MS` is noticed within it. */
export const APPLY_POLL_MAX_MS = 10 * SECOND_MS;

// What a command shows

/** How often progress is said where no terminal shows a line that changes. */
export const PROGRESS_INTERVAL_MS = 10 * SECOND_MS;
/** Pause between two lists of `list --watch`: the visibility store lags by about as much. */
export const LIST_INTERVAL_MS = 2 * SECOND_MS;
/** Ids that one sentence names. */
export const IDS_IN_A_SENTENCE = 5;
