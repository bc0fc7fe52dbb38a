import {
  LEAD_JITTER_SHARE,
  LEAD_MAX_MS,
  LEAD_MIN_MS,
  LEAD_SHARE_OF_LIFE,
} from '../../../src/policy/attempt-numbers.js';
import type { Window } from '../../measure/planned-turns.js';
import type { SeedToken } from '../../provider/seed-jwt.js';

/** How many are looked at for how long, and how long the tokens live that they are granted. */
export interface FleetSize {
  readonly keepers: number;
  readonly lifetimeSeconds: number;
  readonly windowMs: number;
}

/** When what happens, in milliseconds since the epoch. */
export interface Schedule extends Window {
  /** All are started by then, asleep, and read. What warms the worker ends then. */
  readonly asleepByMs: number;
}

/**
 * Starts in a second: half of what two cores bear. A loop plans its timer where its task begins, and sets it where that ends;
 * between them a saturated server lets hundreds of milliseconds pass, which would count as lateness.
 */
const STARTED_PER_SECOND = 10;
/** Reads of plans in a second, at least. */
const READ_PER_SECOND = 150;
/** What warms the worker turns three times in it, however few are started. */
const SPARE_MS = 30_000;
/** From the end of what warms the worker until the first is due. */
const SETTLE_MS = 5_000;
/** Of a seed token: long enough for the longest lead. */
const SEED_LIFE_MS = 7_200_000;
const JITTER_MS = LEAD_MAX_MS * LEAD_JITTER_SHARE;

/** When each is started, in milliseconds since the first: at an even pace. */
export function startMoments({ keepers }: FleetSize): readonly number[] {
  return Array.from({ length: keepers }, (_, index) => startsAfterMs(index));
}

function startsAfterMs(index: number): number {
  return (index / STARTED_PER_SECOND) * 1_000;
}

/** The schedule of a fleet whose starts begin now. */
export function scheduleFrom(nowMs: number, { keepers, windowMs }: FleetSize): Schedule {
  const readMs = (keepers / READ_PER_SECOND) * 1_000;
  const asleepByMs = nowMs + SPARE_MS + startsAfterMs(keepers) + readMs;
  // Keepers draw how much earlier than their longest lead they begin; from here on as many are due as at any other time.
  const fromMs = asleepByMs + SETTLE_MS + JITTER_MS;
  return { asleepByMs, fromMs, untilMs: fromMs + windowMs };
}

/**
 * A random moment of the period that begins with the window, so that as many are due in each second as in any other: evenly
 * spread, none would ever meet another one that is due.
 */
function randomMoment({ fromMs }: Schedule, size: FleetSize): number {
  return fromMs + Math.random() * periodMs(size);
}

/** The token with which a keeper starts, and of which its first refresh comes at a random moment. */
export function seedToken(schedule: Schedule, size: FleetSize): SeedToken {
  const expiresAtMs = randomMoment(schedule, size) + LEAD_MAX_MS;
  return { issuedAtMs: expiresAtMs - SEED_LIFE_MS, expiresAtMs };
}

/** When the first turn of a bare loop is due: as early as the jitter of a keeper would have it. */
export function firstTurnAtMs(schedule: Schedule, size: FleetSize): number {
  return Math.round(randomMoment(schedule, size) - Math.random() * JITTER_MS);
}

/** From a refresh until the next one of the same keeper: the life without its lead. */
export function periodMs({ lifetimeSeconds }: FleetSize): number {
  const lifeMs = lifetimeSeconds * 1_000;
  return lifeMs - Math.min(Math.max(lifeMs * LEAD_SHARE_OF_LIFE, LEAD_MIN_MS), LEAD_MAX_MS);
}
