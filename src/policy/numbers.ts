/** Every number of evertoken, with its unit and its reason. */

const SECOND_MS = 1_000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

// When to refresh

/** Share of a token's life that is kept as lead: enough for several retries at any life. */
export const LEAD_SHARE_OF_LIFE = 0.1;
/** Shortest lead: a request may take 20 s. */
export const LEAD_MIN_MS = 30 * SECOND_MS;
/** Longest lead: an earlier refresh only costs the provider. */
export const LEAD_MAX_MS = 5 * MINUTE_MS;
/** Share of the lead by which a refresh may come earlier, so that a restarted fleet does not refresh as one. */
export const LEAD_JITTER_SHARE = 0.2;

// Logins

/** Logins before the present one that the journal remembers: an old file is recognised, also after a login a day for years. */
export const JOURNAL_LOGINS_MAX = 1_000;

// How long material lives

/** Notice before material expires that refreshes do not prolong: time for a new login over a week off. */
export const MATERIAL_EXPIRY_NOTICE_MS = 7 * DAY_MS;

// How long a token lives

/** Life of a token of which neither answer, JWT nor provider says anything: what most providers grant. */
export const FALLBACK_LIFETIME_MS = 1 * HOUR_MS;
/** Longest life believed without a doubt: longer ones are nearly always times of another unit. */
export const UNDOUBTED_LIFETIME_MS = 400 * DAY_MS;
/** Lives that providers grant, in seconds: about a thousand times one of them is most likely milliseconds. */
export const USUAL_LIVES_S: readonly number[] = [
  300, 600, 900, 1_200, 1_800, 2_700, 3_600, 5_400, 7_200, 10_800, 14_400, 21_600, 28_800, 36_000,
  43_200, 86_400,
];
/** So far may a life be from a usual one, in seconds: many providers grant one less. Seven days are no ten minutes in milliseconds. */
export const USUAL_LIFE_TOLERANCE_S = 2;
/** From this life on, in seconds, whole thousands are doubted: no provider grants less than five minutes, which are 300,000 ms. */
export const DOUBTED_THOUSANDS_FROM_S = (3 * DAY_MS) / SECOND_MS;
/** Of what long lives are made, in seconds: days, and twelfths of a year. Whole numbers of them are believed. */
export const CALENDAR_SPANS_S: readonly number[] = [86_400, 2_628_000];
/** Longest life believed: past it dates leave the range of Temporal's timers. */
export const LIFETIME_MAX_MS = 10 * 365 * DAY_MS;

// Retries

/** First delay of a retry, doubled with each attempt. */
export const RETRY_FIRST_MS = 1 * SECOND_MS;
/** Longest delay while the token is valid: an outage's end is noticed within it. */
export const RETRY_MAX_WHILE_VALID_MS = 1 * MINUTE_MS;
/** Longest delay once the token has expired: nobody is served, and the provider may need rest. */
export const RETRY_MAX_AFTER_EXPIRY_MS = 10 * MINUTE_MS;
/** Each wait of a token that renews only itself takes at most this part of what is left of its life. */
export const TRIES_LEFT = 3;
/** Share of a delay that jitter may take away. */
export const RETRY_JITTER_SHARE = 0.2;
/** Longest `Retry-After` obeyed: a longer one is more often a mistake than a wish. */
export const RETRY_AFTER_MAX_MS = 1 * HOUR_MS;
/** First delay after a rejected client; a repaired secret is applied by hand, which does not wait for it. */
export const CLIENT_REJECTED_FIRST_MS = 1 * MINUTE_MS;
/** Longest delay after a rejected client: one look now and then does not lock the client out. */
export const CLIENT_REJECTED_MAX_MS = 10 * MINUTE_MS;
/** Unconfirmed 400 or 404 in a row until they are believed. */
export const UNCONFIRMED_MAX = 5;
/** Time that unconfirmed answers must span until they are believed: a gateway's restart is shorter. */
export const UNCONFIRMED_SPAN_MS = 2 * MINUTE_MS;

// One attempt

/** Deadline of the provider's whole answer. */
export const HTTP_DEADLINE_MS = 20 * SECOND_MS;
/** Deadline of what comes before the request, such as issuer discovery: less than the heartbeat timeout, since no heartbeat precedes the request. */
export const PREPARE_DEADLINE_MS = 4 * SECOND_MS;
/** Room for the journal and the way to Temporal. */
const ATTEMPT_SLACK_MS = 15 * SECOND_MS;
/** Start-to-close of an attempt: always longer than all that it may do, or the server would start a second beside it. */
export const ATTEMPT_TIMEOUT_MS = PREPARE_DEADLINE_MS + HTTP_DEADLINE_MS + ATTEMPT_SLACK_MS;
/** A dead worker is noticed within this. */
export const HEARTBEAT_TIMEOUT_MS = 8 * SECOND_MS;
/**
 * An attempt older than this may not begin its request: no heartbeat precedes it, so the server may be about to start
 * another. The difference covers the way from the server to the worker.
 */
export const SEND_WITHIN_MS = HEARTBEAT_TIMEOUT_MS - 2 * SECOND_MS;
/** How often a request on the way is reported; the SDK passes on as many as the timeout needs. */
export const HEARTBEAT_INTERVAL_MS = 1 * SECOND_MS;
/** An attempt older than this reports its request at once, so that the report is in time whatever the way takes. */
export const HEARTBEAT_AT_ONCE_AGE_MS = 2 * SECOND_MS;
/** Wait for a worker, by its wall clock, from which on the server is asked for the truth: below, a call costs more than it brings. */
export const WAIT_NOTICED_MS = 1 * SECOND_MS;
/** Longest wait for that: the request goes out meanwhile, and its answer is recorded first. */
export const START_CALL_DEADLINE_MS = 5 * SECOND_MS;
/** Past an intent's deadline by this, its request is over: covers a paused process and the server's clock. */
export const IN_DOUBT_GRACE_MS = 5 * SECOND_MS;
/** Bytes of an answer that are read: no token answer comes near. */
export const ANSWER_MAX_BYTES = 1024 * 1024;
/** Bytes of an answer's headers that are read: Node's own 16 KiB are less than some content security policies and cookies. */
export const HEADERS_MAX_BYTES = 256 * 1024;
/** Characters of a token or of material: a longer one fits no header. */
export const SECRET_MAX_CHARS = 64 * 1024;
/** Characters of a scope, and of each extra as JSON: every run of a keeper carries them on, in payloads of 2 MiB at most. */
export const TOKEN_FIELD_MAX_CHARS = 64 * 1024;
/**
 * Characters of all extras of a token together, as JSON: with the tokens and material of a keeper and its former states they stay
 * below Temporal's 2 MiB, also where each character takes three bytes.
 */
export const EXTRAS_MAX_CHARS = 96 * 1024;
/** Levels of an extra: `JSON.stringify` gives up at some thousand, and a token that cannot be written down is lost. */
export const EXTRA_MAX_DEPTH = 32;

/** A worker that is told to stop lets requests on the way finish: longer than any attempt. */
export const SHUTDOWN_GRACE_MS = ATTEMPT_TIMEOUT_MS + 5 * SECOND_MS;
/** Past this a worker that should have stopped is given up. */
export const SHUTDOWN_FORCE_MS = SHUTDOWN_GRACE_MS + 10 * SECOND_MS;

/**
 * Longest run of workflow code on one task. With the SDK's own 5 s a storm of signals in one task would end the whole
 * worker process, again and again (https://github.com/nodejs/node/issues/38503); our code has no loop without an end.
 */
export const WORKFLOW_CODE_TIMEOUT_MS = 60 * SECOND_MS;

// The end of a credential

/** How long a revocation is tried while its operator waits: longer than one attempt, which may take its whole timeout. */
export const REVOKE_WINDOW_MS = 60 * SECOND_MS;
/** Oldest request to revoke that is carried out: the window, and as much again for a slow workflow task before it. */
export const REVOKE_REQUEST_MAX_AGE_MS = 2 * REVOKE_WINDOW_MS;
/** Longest wait for a revocation: a refresh that is on the way is let finish first. */
export const REVOKE_CALL_DEADLINE_MS = ATTEMPT_TIMEOUT_MS + REVOKE_WINDOW_MS;

// Encryption

/** Derived keys that a process remembers: about 2 MB, so that thousands of credentials cost no derivation each time. */
export const DERIVED_KEYS_MAX = 10_000;

// The refresh journal

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

// Calls to Temporal

/** Deadline of one call to Temporal, and of connecting: without a worker a query would hang for 30 s. */
export const TEMPORAL_CALL_DEADLINE_MS = 8 * SECOND_MS;
/** Longest pause between two attempts of a client to reach a server that is away: less than one call may wait. */
export const TEMPORAL_RECONNECT_MAX_MS = 5 * SECOND_MS;
/**
 * Longest attempt of a query within that deadline. Of many that meet an update at the server one is sometimes never
 * handed to the worker (seen on 1.29.1), and the next goes through at once; a keeper that is being replayed meanwhile
 * is in the worker's cache by then.
 */
export const QUERY_ATTEMPT_MS = 2_500;

/**
 * Longest wait of a keeper's task for the worker that has the keeper in memory. One that was killed takes none, and with
 * the SDK's 10 s whatever its keepers are asked would fail first.
 */
export const STICKY_TIMEOUT_MS = 5 * SECOND_MS;

// How services read tokens

/** Validity that a reader gets when it asks for none: a request may be under way that long; far below every lead. */
export const DEFAULT_MIN_VALIDITY_MS = 10 * SECOND_MS;
/** Longest wait of a reader that sets no limit: three waits of `ensureFresh`, so one failed attempt is survived. */
export const READER_WAIT_MS = 30 * SECOND_MS;
/** Pause between two looks for the successor of a token that is due: a rotated token may have died already. */
export const LOOK_AGAIN_MS = 10 * SECOND_MS;
/** Share of a token's life after which a reader that serves it from memory looks again: its own clock may be minutes behind. */
export const READ_AGAIN_SHARE = 0.1;
/** Longest time until then: no reader is further behind the keeper than this, whatever its clock says. */
export const READ_AGAIN_MAX_MS = 5 * MINUTE_MS;
/** Pause between two looks at a keeper for which as many callers wait as may: one costs the server some milliseconds. */
export const CROWDED_POLL_MS = 1 * SECOND_MS;
/** Pause before a query is repeated that the server could not take: the first workflow task takes this long. */
export const QUERY_RETRY_MS = 200;
/** How often a query that failed on its worker is repeated: a bad moment is over by then, an unfit worker is not. */
export const QUERY_FAILURES_REPEATED = 3;
/** Longest answer time of a server that is there at all; the call before has already waited its own deadline. */
export const PROBE_DEADLINE_MS = 2 * SECOND_MS;
/** Keepers in one page of a list, each with what it published: well below the 4 MB of a gRPC message. */
export const LIST_PAGE_SIZE = 500;
/** Queries of different keepers at once: a worker answers about 200 a second. */
export const QUERIES_AT_ONCE = 8;

// The command line

/** Deadline of a command's call: with the start of the process, it says within 10 s that nobody answers. */
export const CLI_CALL_DEADLINE_MS = 6 * SECOND_MS;

/** How long `forget` waits for the server's deletions, which it queues: they take well under a second. */
export const FORGET_DEADLINE_MS = 30 * SECOND_MS;

/** Shortest retention without a warning: a credential that failed before a week off still answers after it. */
export const MIN_RETENTION_MS = 7 * DAY_MS;

// Planning a fleet

/** Part of a core that refreshes may take: the rest bears reads, restarts, and a fleet that is due at once. */
export const PLANNED_LOAD = 0.5;
/** Memory of one worker for keepers that it remembers: with the process itself it fits into 3 GB. */
export const PLANNED_KEEPER_MEMORY_BYTES = 2_000_000_000;
/** What Temporal Cloud bills by. */
export const PLANNED_MONTH_MS = 30 * DAY_MS;

// Looking for trouble

/** One failed workflow task may be a worker that was just replaced; Temporal's own flag waits for the second, too. */
export const TASK_FAILURES_TOLERATED = 1;
/** Attempts of one refresh until it is more than a hiccup: about two minutes of backoff. */
export const REFRESH_ATTEMPTS_TOLERATED = 8;
/** A task that no worker took for this long has none: rolling workers over takes less. */
export const WORKER_WAIT_TOLERATED_MS = 1 * MINUTE_MS;
/** A poller that was silent for so long is gone, although the server names it for five minutes: a poll takes one. */
export const POLLER_SILENCE_MAX_MS = 2 * MINUTE_MS;
/** A refresh that was due this long ago and has not begun never will by itself. */
export const OVERDUE_TOLERATED_MS = 1 * MINUTE_MS;
/** So many running keepers are all inspected one by one, which takes seconds. Of more, only those that look due. */
export const INSPECT_ALL_MAX = 500;
/** Longest examination unless told otherwise: a cron job of each minute does not overtake itself. */
export const EXAMINATION_TIMEOUT_MS = 50 * SECOND_MS;
/** Pause between two examinations of one that watches, unless told otherwise: a token is refreshed that long ahead. */
export const WATCH_INTERVAL_MS = 30 * SECOND_MS;
/** Shortest pause: visibility lags by about as much. */
export const WATCH_INTERVAL_MIN_MS = 1 * SECOND_MS;
/** Ids that one sentence names. */
export const IDS_IN_A_SENTENCE = 5;
