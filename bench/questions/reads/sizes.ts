/** What a machine of two cores answers in minutes, and no less than the promises ask for. */
const LARGE = {
  sleeping: 300,
  saturating: 1_000,
  lifetimeSeconds: 140,
  freshReads: 200,
  cachedCalls: 200_000,
  processes: 3,
};

/** How much is read, while how many keepers refresh tokens of how long a life. */
export const READ_SIZES = {
  quick: {
    sleeping: 20,
    saturating: 40,
    lifetimeSeconds: 20,
    freshReads: 16,
    cachedCalls: 20_000,
    processes: 1,
  },
  medium: LARGE,
  full: LARGE,
} as const;
