/** The numbers of the refresh journal, each with its unit and its reason. */

const SECOND_MS = 1_000;

/**
 * Longest call of a journal, connecting and waiting for other processes included. Less than `IN_DOUBT_GRACE_MS`, so an intent that is
 * written in time is never taken back; the three calls of an attempt (entry, intent, answer) fit into its slack.
 */
export const JOURNAL_DEADLINE_MS = 4 * SECOND_MS;
/** Longest start of a journal: other workers that start at once migrate its schema first. */
export const JOURNAL_OPEN_DEADLINE_MS = 20 * SECOND_MS;
/** Connections of one worker process to the journal's database: a write takes milliseconds. */
export const JOURNAL_CONNECTIONS = 8;
/**
 * Longest pause between two tries to write while another process of this host does. A commit takes milliseconds; SQLite
 * itself would pause for up to 100 ms, and of two busy processes one then got no turn for 3 s.
 */
export const JOURNAL_BUSY_POLL_MAX_MS = 4;
/** Updates that share a commit: each takes about 0.1 ms of the process, in which it does nothing else. */
export const JOURNAL_COMMIT_UPDATES_MAX = 100;
