/**
 * The numbers of one attempt, each with its unit and its reason. What they decide is recorded in the result or with the
 * command, so they are free to change: no replay depends on them. Those that it depends on are in `keeper-numbers.ts`.
 */

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
/**
 * How far a life may be from a usual one, in seconds: many providers grant one second less. A
 * larger tolerance would take seven days for ten minutes in milliseconds.
 */
export const USUAL_LIFE_TOLERANCE_S = 2;
/**
 * From this life on, in seconds, whole thousands are doubted: no provider grants less than five
 * minutes, which are 300,000 ms.
 */
export const DOUBTED_THOUSANDS_FROM_S = (3 * DAY_MS) / SECOND_MS;
/** What long lives are multiples of, in seconds: days, and twelfths of a year. Whole multiples are believed. */
export const CALENDAR_SPANS_S: readonly number[] = [86_400, 2_628_000];
/** Longest life believed: past it dates leave the range of Temporal's timers. */
export const LIFETIME_MAX_MS = 10 * 365 * DAY_MS;

// Retries

/**
 * A refresh that takes this long tells its keeper, which then watches the clock. Nearly every provider answers sooner, and
 * `RETRYING_AFTER_MS` is later.
 */
export const REFRESH_DELAYED_AFTER_MS = 5 * SECOND_MS;
/** Deadline of the call that tells a keeper: the failure of an attempt waits for it. */
export const TELL_DEADLINE_MS = 2 * SECOND_MS;
/**
 * Longest wait of a refresh for a worker: after it the keeper asks again, so that a run ends in
 * time although nobody serves it.
 */
export const UNTAKEN_MAX_MS = 1 * DAY_MS;
/** First delay of a retry, doubled with each attempt. */
export const RETRY_FIRST_MS = 1 * SECOND_MS;
/** Longest delay while the token is valid: an outage's end is noticed within it. */
export const RETRY_MAX_WHILE_VALID_MS = 1 * MINUTE_MS;
/** Longest delay once the token has expired: nobody is served, and the provider may need rest. */
export const RETRY_MAX_AFTER_EXPIRY_MS = 10 * MINUTE_MS;
/** Each wait of a token that renews only itself takes at most this part of what is left of its life. */
export const TRIES_LEFT = 3;
/** Wait for another attempt of the same worker: it ends in moments, and its answer rests in the journal then. */
export const RUNNING_ATTEMPT_LOOK_MS = 2 * SECOND_MS;
/** Share of a delay that jitter may take away. */
export const RETRY_JITTER_SHARE = 0.2;
/** Longest `Retry-After` obeyed: a longer one is more often a mistake than a wish. */
export const RETRY_AFTER_MAX_MS = 1 * HOUR_MS;
/** Share of a `Retry-After` by which jitter may make it longer: all that were sent away in one moment were told the same. */
export const RETRY_AFTER_JITTER_SHARE = 0.1;
/** The most that it may: over a minute a fleet's requests are few a second. */
export const RETRY_AFTER_JITTER_MAX_MS = 1 * MINUTE_MS;
/** Twice the longest wait that is ever recorded: one that is further away was recorded while the server's clock ran ahead. */
export const HOLD_BELIEVED_MAX_MS = 2 * (RETRY_AFTER_MAX_MS + RETRY_AFTER_JITTER_MAX_MS);
/** First delay after a rejected client; a repaired secret is applied by hand, which does not wait for it. */
export const CLIENT_REJECTED_FIRST_MS = 1 * MINUTE_MS;
/** Longest delay after a rejected client: one look now and then does not lock the client out. */
export const CLIENT_REJECTED_MAX_MS = 10 * MINUTE_MS;
/** Unconfirmed 400, 401, 403 or 404 in a row until they are believed. */
export const UNCONFIRMED_MAX = 5;
/** Time that unconfirmed answers must span until they are believed: a gateway's restart is shorter. */
export const UNCONFIRMED_SPAN_MS = 2 * MINUTE_MS;

// One attempt

/** Deadline of the provider's whole answer. */
export const HTTP_DEADLINE_MS = 20 * SECOND_MS;
/**
 * Time for a connection to one address of a host, where another one is left: the way to a far host and one lost packet, which
 * TCP sends again after 1 s. Node's own are 250 ms, and the address that is left may not be reachable at all.
 */
export const ADDRESS_CONNECT_MS = 1_500;
/**
 * Deadline of what comes before the request, such as issuer discovery: less than the heartbeat
 * timeout, since no heartbeat precedes the request.
 */
export const PREPARE_DEADLINE_MS = 4 * SECOND_MS;
/** Room for the journal and the way to Temporal. */
const ATTEMPT_SLACK_MS = 15 * SECOND_MS;
/**
 * Start-to-close of an attempt to refresh: always longer than all that it may do, or the server
 * would start a second beside it.
 */
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
/** An attempt older than this reports its request at once, so that the report is in time. */
export const HEARTBEAT_AT_ONCE_AGE_MS = 2 * SECOND_MS;
/**
 * Wait for a worker, by its wall clock, from which on the server is asked how long it really was. A shorter one is not
 * worth the call.
 */
export const WAIT_NOTICED_MS = 1 * SECOND_MS;
/**
 * Longest call that asks the server. A request goes out meanwhile, and its answer is recorded first; only one whose client signs
 * waits for it, so it is shorter than `PREPARE_DEADLINE_MS`.
 */
export const START_CALL_DEADLINE_MS = 3 * SECOND_MS;
/**
 * How far back the assertion of a client that signs is dated: clocks are seconds apart, and a provider refuses one from its
 * future (RFC 7519, section 4.1.5) as it refuses a wrong key. Of the minute that an assertion lives, most is left.
 */
export const ASSERTION_DATED_BACK_MS = 10 * SECOND_MS;
/** Time past an intent's deadline after which its request is over: covers a paused process and the server's clock. */
export const IN_DOUBT_GRACE_MS = 5 * SECOND_MS;

// An answer that could not be journaled

/** First pause before it is tried again: a database that fails over or a lock that is held is often back by then. */
export const LATE_RECORD_FIRST_MS = 1 * SECOND_MS;
/** Longest pause, and wait of other attempts meanwhile: a disk that was freed is used within it. */
export const LATE_RECORD_MAX_MS = 10 * SECOND_MS;
/**
 * How long it is tried: time for an operator or a failover to repair the journal. Without an end, an entry that can never be
 * written would hold its credential up until the worker is restarted.
 */
export const LATE_RECORD_FOR_MS = 10 * MINUTE_MS;
/** How long a stopping worker tries what is left: one write takes 4 s at most, and orchestrators kill who stays on. */
export const LATE_RECORDS_CLOSE_MS = 5 * SECOND_MS;

// What an answer may hold

/** Bytes of an answer that are read: no token answer comes near. */
export const ANSWER_MAX_BYTES = 1024 * 1024;
/** Bytes of an answer's headers that are read: Node's own 16 KiB are less than some content security policies and cookies. */
export const HEADERS_MAX_BYTES = 256 * 1024;
/** Characters of a token or of material: a longer one fits no header. */
export const SECRET_MAX_CHARS = 64 * 1024;
/** Bytes of a scope, and of each extra, as JSON: every run of a keeper carries them on, in payloads of 2 MiB at most. */
export const TOKEN_FIELD_MAX_BYTES = 64 * 1024;
/**
 * Bytes of all extras of a token together, as JSON: with the tokens and material of a keeper and its former states they stay
 * below Temporal's 2 MiB, past which the server ends a keeper that continues as new.
 */
export const EXTRAS_MAX_BYTES = 96 * 1024;
/** Levels of an extra: `JSON.stringify` gives up at some thousand, and a token that cannot be written down is lost. */
export const EXTRA_MAX_DEPTH = 32;

// The end of a credential

/**
 * Start-to-close of an attempt to revoke: it may read a file, look up an address and send two requests, one for each token.
 * The server would call one undecided that it gave up while the provider revoked the grant.
 */
export const REVOKE_TIMEOUT_MS = PREPARE_DEADLINE_MS + 2 * HTTP_DEADLINE_MS + ATTEMPT_SLACK_MS;
/**
 * An attempt to revoke that is older sends nothing: the server may give it up before both requests are over, and the keeper
 * go on with a grant that is about to end. A journal, a file and a look-up take 12 s at most.
 */
export const REVOKE_SEND_WITHIN_MS = REVOKE_TIMEOUT_MS - 2 * HTTP_DEADLINE_MS - 4 * SECOND_MS;
/** How long a revocation is tried while its operator waits: longer than one attempt, which may take its whole timeout. */
export const REVOKE_WINDOW_MS = 60 * SECOND_MS;
/** Oldest request to revoke that is carried out: the window, and as much again for a slow workflow task before it. */
export const REVOKE_REQUEST_MAX_AGE_MS = 2 * REVOKE_WINDOW_MS;
