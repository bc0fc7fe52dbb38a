/**
 * What a keeper was measured to cost: the only place for these figures, so that a new measurement replaces them here
 * alone. All are of two cores with Temporal's dev server 1.29.1 on a database file, unless they say otherwise; the named
 * benchmark (`npm run bench -- NAME`) measures each anew.
 */

/** Keepers that were measured together; a plan for more is calculated beyond that. */
export const MEASURED_KEEPERS = 50_000;
/** Refreshes a second that were measured at most (benchmark `turn`): the server was saturated. */
export const MEASURED_REFRESHES_PER_SECOND = 31;
/** CPU time of the Temporal server and its database for one refresh, in milliseconds (benchmark `turn`). */
export const SERVER_MS_PER_REFRESH = 27;
/** CPU time of the worker for one refresh of a keeper that it remembers, in milliseconds (benchmark `turn`). */
export const WORKER_MS_PER_REFRESH = 14;
/** What more it costs the worker if it has forgotten the keeper, in milliseconds (benchmark `turn`): it reads and replays its history. */
export const WORKER_MS_PER_REPLAY = 26;
/** What more that costs the server, in milliseconds (benchmark `turn`). */
export const SERVER_MS_PER_REPLAY = 8;
/** Memory of a worker that remembers hardly any keeper, in bytes (benchmark `scale`, 20 keepers). */
export const WORKER_BYTES = 250_000_000;
/**
 * Memory that a worker takes for each keeper that it remembers, in bytes, at most. It is 130,000 once the keeper is asleep
 * (benchmark `scale`). The SDK's native core adds 7,000 with each refresh of a run, of which there are 20, and their garbage
 * comes on top.
 */
export const CACHED_KEEPER_BYTES = 320_000;
/** What of that counts against the limit of JavaScript's heap, in bytes: live objects after a collection, with 3,000 keepers. */
export const CACHED_KEEPER_HEAP_BYTES = 60_000;
/** What one refresh adds to Temporal's database until retention removes it, in bytes (benchmark `turn`). */
export const DATABASE_BYTES_PER_REFRESH = 6_000;
/**
 * Billable Actions of one refresh in Temporal Cloud (https://docs.temporal.io/cloud/actions), counted in its history: the
 * timer of the sleep and the activity.
 */
export const ACTIONS_PER_REFRESH = 2;
