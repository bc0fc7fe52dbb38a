/** The numbers of the refresh journal, each with its unit and its reason. */

const SECOND_MS = 1_000;

/**
 * Longest call of a journal, including the time to connect and to wait for other processes. It is less than
 * `IN_DOUBT_GRACE_MS`, so an intent that was written in time is never taken back. The three calls of an attempt (entry,
 * intent, answer) fit into that attempt's slack.
 */
export const JOURNAL_DEADLINE_MS = 4 * SECOND_MS;
/** Longest start of a journal. It may wait for other workers that start at the same time and migrate its schema first. */
export const JOURNAL_OPEN_DEADLINE_MS = 20 * SECOND_MS;
/** Connections of one worker process to the journal's database. Few are enough, since a write takes milliseconds. */
export const JOURNAL_CONNECTIONS = 8;
/**
 * Longest pause between two tries to write while another process of this host writes. A commit takes milliseconds. SQLite
 * itself would pause for up to 100 ms, and then one of two busy processes got no turn for 3 s.
 */
export const JOURNAL_BUSY_POLL_MAX_MS = 4;
/** Most updates that share a commit. Each blocks the process for about 0.1 ms. */
export const JOURNAL_COMMIT_UPDATES_MAX = 100;
/** Most of a sealed entry that says by which key it is sealed: one byte for its kind, one for the length of the key id, and the id. */
export const JOURNAL_HEAD_BYTES = 1 + 1 + 255;
/** Length of a row that a check writes and removes: that of a name, which is a SHA-256. */
export const JOURNAL_PROBE_BYTES = 32;
