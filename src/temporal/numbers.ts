/** The numbers of the connection to Temporal, each with its unit and its reason. */

const SECOND_MS = 1_000;

/** Deadline of one call to Temporal, and of connecting: without a worker a query would hang for 30 s. */
export const TEMPORAL_CALL_DEADLINE_MS = 8 * SECOND_MS;
/** Longest pause between two attempts of a client to reach a server that is away: less than one call may wait. */
export const TEMPORAL_RECONNECT_MAX_MS = 5 * SECOND_MS;
/** Largest message of the server that is taken: a page of a list in which every memo is as large as tokens can be. */
export const TEMPORAL_MESSAGE_MAX_BYTES = 256 * 1_024 * 1_024;
