/**
 * What a machine of two cores answers in minutes, and no less than the promises ask for. 37 refreshes a second are due, half
 * as many again as such a machine makes; tokens outlive their refresh where it makes half of them.
 */
const LARGE = {
  sleeping: 300,
  saturating: 1_500,
  lifetimeSeconds: 80,
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
