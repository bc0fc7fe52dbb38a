/** When the worker is killed. */
export interface KillScenario {
  readonly name: string;
  /** How long the provider holds its answers back after it has rotated. */
  readonly holdMs: number;
  /** For how long a spent refresh token still answers. */
  readonly graceMs: number;
  /** From the last rotation to the kill. */
  readonly killAfterMs: number;
  /** What stores the state (Temporal, Redis, PostgreSQL) stands still from the last rotation to the kill. */
  readonly isStoreAway: boolean;
  /** Whether the answers could have been kept by whoever records them in time. */
  readonly isAvoidable: boolean;
}

/** Longer than all requests take to begin, less than any deadline of an answer. */
const HELD_MS = 10_000;
/** Longer than anybody takes to notice that a worker is dead. */
const GRACE_MS = 150_000;

export const SCENARIOS: readonly KillScenario[] = [
  {
    name: 'the provider has rotated, the answers are on their way',
    holdMs: HELD_MS,
    graceMs: 0,
    killAfterMs: 0,
    isStoreAway: false,
    isAvoidable: false,
  },
  {
    name: 'the same, and the provider has a grace window',
    holdMs: HELD_MS,
    graceMs: GRACE_MS,
    killAfterMs: 0,
    isStoreAway: false,
    isAvoidable: true,
  },
  {
    name: 'the answers have come while the store was away',
    holdMs: HELD_MS,
    graceMs: 0,
    killAfterMs: HELD_MS + 2_000,
    isStoreAway: true,
    isAvoidable: true,
  },
  {
    name: 'the answers came a second ago',
    holdMs: HELD_MS,
    graceMs: 0,
    killAfterMs: HELD_MS + 1_000,
    isStoreAway: false,
    isAvoidable: true,
  },
  {
    name: 'the answers came 100 ms ago',
    holdMs: HELD_MS,
    graceMs: 0,
    killAfterMs: HELD_MS + 100,
    isStoreAway: false,
    isAvoidable: false,
  },
];
