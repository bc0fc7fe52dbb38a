/** The numbers by which credentials are applied, each with its unit and its reason. */

const SECOND_MS = 1_000;

/** So many credentials are looked at one by one before they are applied, exactly; more by a list, which may lag. */
export const LOOKED_AT_EACH_MAX = 100;
/** Longest wait of `apply` without any credential getting its token: one attempt and a few retries. */
export const APPLY_WAIT_MS = 60 * SECOND_MS;
/** Longest wait of an owner's update for the server to take it: a caller that waits in the keeper is gone after 10 s. */
export const UPDATE_PATIENCE_MS = 15 * SECOND_MS;
/** Pause between two looks at a keeper that is waited for. */
export const APPLY_POLL_MS = 500;
/** Share of the time that those looks may take: the rest is for the server to make the tokens. */
export const APPLY_POLL_SHARE = 0.25;
/** Longest pause between two rounds of looks, however slow they are: the end of `APPLY_WAIT_MS` is noticed within it. */
export const APPLY_POLL_MAX_MS = 10 * SECOND_MS;
/** How often progress is said where no terminal shows a line that changes. */
export const PROGRESS_INTERVAL_MS = 10 * SECOND_MS;
/** Longest wait for search attributes to be usable after their registration. */
export const REGISTRATION_WAIT_MS = 10 * SECOND_MS;
