/** The longest time from the epoch, in milliseconds, that a `Date` can be. */
const DATE_MAX_MS = 8.64e15;

/**
 * A time for people and for `Date.parse`. A number that is no time also gets a text, since a workflow that throws would
 * be stuck.
 */
export function dateText(atMs: number): string {
  return Math.abs(atMs) <= DATE_MAX_MS ? new Date(atMs).toISOString() : 'an impossible time';
}
