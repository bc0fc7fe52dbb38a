import {
  MIN_RETENTION_MS,
  PLANNED_KEEPER_MEMORY_BYTES,
  PLANNED_LOAD,
  PLANNED_MONTH_MS,
} from './fleet-numbers.js';
import { RUN_MAX_AGE_MS, RUN_MAX_REFRESHES, UNFORCED_SPACING_MS } from './keeper-numbers.js';
import {
  ACTIONS_PER_REFRESH,
  CACHED_KEEPER_BYTES,
  DATABASE_BYTES_PER_REFRESH,
  MEASURED_KEEPERS,
  MEASURED_REFRESHES_PER_SECOND,
  SERVER_MS_PER_REFRESH,
  SERVER_MS_PER_REPLAY,
  WORKER_BYTES,
  WORKER_MS_PER_REFRESH,
  WORKER_MS_PER_REPLAY,
} from './measured-costs.js';
import { leadByRuleMs, leadRule } from './refresh-time.js';

/** How large a fleet is to be. */
export interface FleetSize {
  /** At least 1. */
  readonly credentials: number;
  /** Life of each token in milliseconds, above 0. */
  readonly lifetimeMs: number;
  /** Whether a refresh spends the token itself, which is then refreshed at half of its life. Default false. */
  readonly spendsToken?: boolean;
}

/** What a fleet needs. */
export interface FleetPlan extends Omit<FleetSize, 'spendsToken'> {
  readonly refreshesPerSecond: number;
  /** Worker processes, each with a core of its own. */
  readonly workers: number;
  /** Memory of each worker, in bytes: what the process takes itself, and the keepers that it remembers. */
  readonly workerMemoryBytes: number;
  /** Whether workers have forgotten a keeper by the time of its next refresh: its history is then read and replayed. */
  readonly isEvicted: boolean;
  /** Cores of the Temporal server and its database. */
  readonly serverCores: number;
  /** What Temporal's database holds, in bytes, with the shortest retention that `doctor` accepts. */
  readonly databaseBytes: number;
  /** Billable Actions of Temporal Cloud in 30 days. */
  readonly actionsPerMonth: number;
  /** The fleet is larger than any that was measured, so its needs are extrapolated. */
  readonly isBeyondMeasured: boolean;
}

/** How many keepers each worker remembers. */
const PLANNED_KEEPERS_REMEMBERED = Math.floor(PLANNED_KEEPER_MEMORY_BYTES / CACHED_KEEPER_BYTES);

/** Calculates what a fleet needs from what one keeper was measured to cost, with equal tokens spread evenly. */
export function fleetPlan({ credentials, lifetimeMs, spendsToken = false }: FleetSize): FleetPlan {
  const refreshEveryMs = periodMs(lifetimeMs, spendsToken);
  const refreshesPerMs = credentials / refreshEveryMs;
  const refreshesPerSecond = refreshesPerMs * 1_000;
  const workers = workersFor(credentials, refreshesPerMs);
  const isEvicted = areEvicted(credentials, workers);
  const serverMs = SERVER_MS_PER_REFRESH + (isEvicted ? SERVER_MS_PER_REPLAY : 0);
  const remembered = isEvicted ? PLANNED_KEEPERS_REMEMBERED : credentials / workers;
  // Runs that are open are there whatever the retention: half of each, on average.
  const openRefreshes = (credentials * RUN_MAX_REFRESHES) / 2;
  return {
    credentials,
    lifetimeMs,
    refreshesPerSecond,
    workers,
    workerMemoryBytes: WORKER_BYTES + remembered * CACHED_KEEPER_BYTES,
    isEvicted,
    serverCores: Math.ceil((refreshesPerMs * serverMs) / PLANNED_LOAD),
    databaseBytes: (refreshesPerMs * MIN_RETENTION_MS + openRefreshes) * DATABASE_BYTES_PER_REFRESH,
    actionsPerMonth:
      PLANNED_MONTH_MS *
      (refreshesPerMs * ACTIONS_PER_REFRESH + credentials * runEndsPerMs(refreshEveryMs)),
    isBeyondMeasured:
      credentials > MEASURED_KEEPERS || refreshesPerSecond > MEASURED_REFRESHES_PER_SECOND,
  };
}

/** Actions for the ends of one keeper's runs, a millisecond: its next run, and the timer of a sleep that the run's age cuts. */
function runEndsPerMs(refreshEveryMs: number): number {
  const fullRunMs = RUN_MAX_REFRESHES * refreshEveryMs;
  return fullRunMs <= RUN_MAX_AGE_MS ? 1 / fullRunMs : 2 / RUN_MAX_AGE_MS;
}

/** From one refresh to the next, with jitter at its mean. */
function periodMs(lifetimeMs: number, spendsToken: boolean): number {
  const token = { value: '', tokenType: '', issuedAtMs: 0, expiresAtMs: lifetimeMs };
  const leadMs = leadByRuleMs(token, leadRule({ timing: {}, spendsToken, jitter: 0.5 }));
  return Math.max(lifetimeMs - leadMs, UNFORCED_SPACING_MS);
}

/** The fewest workers that bear the refreshes; once they remember all keepers, each refresh is cheaper. */
function workersFor(credentials: number, refreshesPerMs: number): number {
  let workers = 1;
  for (;;) {
    const replayMs = areEvicted(credentials, workers) ? WORKER_MS_PER_REPLAY : 0;
    const needed = Math.ceil((refreshesPerMs * (WORKER_MS_PER_REFRESH + replayMs)) / PLANNED_LOAD);
    if (needed <= workers) return workers;
    workers += Math.max(1, Math.floor((needed - workers) / 100));
  }
}

/**
 * Keepers refresh in nearly the same order each time, and a worker forgets what it has not touched for longest. So either all are
 * remembered, or each is forgotten just before its turn.
 */
function areEvicted(credentials: number, workers: number): boolean {
  return credentials > workers * PLANNED_KEEPERS_REMEMBERED;
}
