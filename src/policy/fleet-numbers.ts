/** The numbers of a fleet: how many refreshes share a provider, a host or a client, each with its unit and its reason. */

import { LEAD_MAX_MS } from './attempt-numbers.js';

const SECOND_MS = 1_000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

// Which refresh goes first

/**
 * Lives that are left of a token, the shortest first: within the n-th of them its refresh has priority n, past the last one
 * the lowest of Temporal's five. The nearer the end, the finer: among those of one priority the first that was due goes first,
 * and by the jitter of leads that may be the one that expires a minute later. Past half of the longest default lead an
 * outage must have lasted for long before that costs a token.
 */
export const SOON_EXPIRED: readonly number[] = [
  0,
  LEAD_MAX_MS * 0.15,
  LEAD_MAX_MS * 0.3,
  LEAD_MAX_MS * 0.5,
];

// How many at once

/**
 * Longest wait of a request for its turn in the second: no heartbeat precedes it, and the server hands out no more than a
 * second's worth at once.
 */
export const PACE_WAIT_MAX_MS = 2 * SECOND_MS;

/** Refreshes that a worker process makes at once for each task queue: they wait for providers, and cost little else. */
export const REFRESHES_AT_ONCE = 200;
/**
 * Share of them that one host may take: three that hang leave the rest of the queue a quarter, and one that takes half a
 * second is asked 100 times a second by each worker.
 */
export const SHARE_OF_A_HOST = 0.25;
/** How long a request is taken to last at a host of which nothing is known. */
export const REQUEST_EXPECTED_MS = 1 * SECOND_MS;
/** Weight of the newest request among those that say how long the next one lasts. */
export const REQUEST_NEWEST_WEIGHT = 0.25;
/** Shortest time until an attempt comes back that found its host full: each costs the Temporal server an attempt. */
export const TURN_MIN_MS = 1 * SECOND_MS;
/** Longest: a host that hung and answers again is noticed within it. */
export const TURN_MAX_MS = 1 * MINUTE_MS;

// Rejected clients

/**
 * So many credentials must be rejected, with no acceptance between, until all of the client are
 * held back: one proves only its own.
 */
export const CLIENT_REJECTED_BY_MIN = 2;
/**
 * The most that must be, which doubles with each acceptance that disproves it: where hundreds of a client's grants are refused,
 * two more of them are found within moments, and would hold back all again before the others had their turn.
 */
export const CLIENT_REJECTED_BY_MAX = 64;
/** A credential whose client was rejected looks that often whether it is still; it asks the provider nothing. */
export const CLIENT_LOOK_MS = 1 * MINUTE_MS;
/** All looks together, a second and worker process: a large fleet looks more seldom. */
export const CLIENT_LOOKS_PER_SECOND = 10;
/** Share of a rate limit that looks may take from requests, since the limit counts attempts. */
export const CLIENT_LOOKS_SHARE_OF_LIMIT = 0.1;
/**
 * Longest pause between two looks on a task queue with a rate limit: a share of a small limit is few looks, and whoever
 * repairs the client by `apply` wakes all.
 */
export const CLIENT_LOOK_LIMITED_MAX_MS = 1 * HOUR_MS;
/** Shortest pause before the next look while another credential's request tries the client. */
export const CLIENT_ON_TRIAL_MS = 2 * SECOND_MS;
/**
 * First pause after a rejection until a credential whose token would be dead at its next look tries the client before the
 * others' trial; each further rejection doubles it. A client that is rejected for all meets five such requests in ten minutes.
 */
export const CLIENT_EARLY_TRIAL_MS = 10 * SECOND_MS;
/** Pause before another credential tries a client whose trial ended without a verdict, such as in an outage. */
export const CLIENT_UNDECIDED_MS = 10 * SECOND_MS;
/** A rejection that no credential has met for so long is forgotten. */
export const CLIENT_FORGOTTEN_MS = 1 * HOUR_MS;

// How many a worker remembers

/** Part of the memory that a worker and its keepers take together: the rest is for what else runs there, and for peaks. */
export const SHARE_OF_MEMORY = 0.5;
/** Part of the heap's limit that keepers take: near to it V8 does little but collect garbage. */
export const SHARE_OF_HEAP = 0.6;
/** Fewer would be evicted between two tasks of one refresh, since a worker works on 40 keepers at once. */
export const CACHED_KEEPERS_MIN = 100;

// How a fleet is planned

/** Part of a core that refreshes may take: the rest bears reads, restarts, and a fleet that is due at once. */
export const PLANNED_LOAD = 0.5;
/** Memory of one worker for keepers that it remembers: with the process itself it fits into 3 GB. */
export const PLANNED_KEEPER_MEMORY_BYTES = 2_000_000_000;
/** What Temporal Cloud bills by. */
export const PLANNED_MONTH_MS = 30 * DAY_MS;
/** Shortest retention without a warning: a credential that failed before a week off still answers after it. */
export const MIN_RETENTION_MS = 7 * DAY_MS;
