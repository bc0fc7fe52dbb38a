/** Milliseconds since some moment. */
export type Elapsed = () => number;

/**
 * Counts from now: by a monotonic clock, or by the wall clock where that says more, since only it goes on while a machine is
 * suspended.
 */
export function countElapsed(): Elapsed {
  const startedAt = performance.now();
  const startedAtMs = Date.now();
  return () => Math.max(performance.now() - startedAt, Date.now() - startedAtMs);
}
