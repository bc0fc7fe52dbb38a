/** When the worker is killed. */
export interface KillScenario {
  readonly name: string;
  /** For how long a spent refresh token still answers. */
  readonly graceMs: number;
  /** From the moment at which the provider sends all its answers to the kill; absent: it sends none before. */
  readonly killAfterMs?: number;
  /** What stores the state (Temporal, Redis, PostgreSQL) stands still from the last rotation to the kill. */
  readonly isStoreAway: boolean;
  /** Whether the answers could have been kept by whoever records them in time. */
  readonly isAvoidable: boolean;
}

/** Longer than anybody takes to notice that a worker is dead. */
const GRACE_MS = 150_000;

export const SCENARIOS: readonly KillScenario[] = [
  {
    name: 'the provider has rotated, the answers are on their way',
    graceMs: 0,
    isStoreAway: false,
    isAvoidable: false,
  },
  {
    name: 'the same, and the provider has a grace window',
    graceMs: GRACE_MS,
    isStoreAway: false,
    isAvoidable: true,
  },
  {
    name: 'the answers have come while the store was away',
    graceMs: 0,
    killAfterMs: 2_000,
    isStoreAway: true,
    isAvoidable: true,
  },
  {
    name: 'the answers came a second ago',
    graceMs: 0,
    killAfterMs: 1_000,
    isStoreAway: false,
    isAvoidable: true,
  },
  {
    name: 'the answers came 100 ms ago',
    graceMs: 0,
    killAfterMs: 100,
    isStoreAway: false,
    isAvoidable: false,
  },
];
