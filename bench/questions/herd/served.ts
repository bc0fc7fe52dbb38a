import { quantile } from '../../measure/statistics.js';
import type { ProviderRequest } from '../../provider/messages.js';

/** One credential of the herd, and when it was served. */
export interface Served {
  readonly expiresAtMs: number;
  readonly atMs: number;
}

/** Of those that lived when the worker started. */
export function expiredBeforeTheirTurn(served: readonly Served[], startedAtMs: number): number {
  return served.filter(({ expiresAtMs, atMs }) => expiresAtMs > startedAtMs && atMs > expiresAtMs)
    .length;
}

/**
 * How many had to expire, with the same moments of service: those that have expired are served first, then each takes the
 * next moment if that is in time. One that cannot be in time takes none from the others (Moore and Hodgson's rule).
 */
export function unavoidablyExpired(served: readonly Served[], startedAtMs: number): number {
  const moments = served.map(({ atMs }) => atMs).sort((left, right) => left - right);
  const living = served
    .map(({ expiresAtMs }) => expiresAtMs)
    .filter((expiresAtMs) => expiresAtMs > startedAtMs)
    .sort((left, right) => left - right);
  let next = served.length - living.length;
  let expired = 0;
  for (const expiresAtMs of living) {
    if ((moments[next] ?? Number.POSITIVE_INFINITY) > expiresAtMs) expired += 1;
    else next += 1;
  }
  return expired;
}

/** How many would have expired, with the same moments of service, in the promised order: what expired first goes first. */
export function expiredInOrder(served: readonly Served[], startedAtMs: number): number {
  const moments = served.map(({ atMs }) => atMs).sort((left, right) => left - right);
  const inOrder = [...served]
    .sort((left, right) => left.expiresAtMs - right.expiresAtMs)
    .map(({ expiresAtMs }, index) => ({ expiresAtMs, atMs: moments[index] ?? Infinity }));
  return expiredBeforeTheirTurn(inOrder, startedAtMs);
}

/** Most requests in one second of the provider's clock. */
export function mostInASecond(granted: readonly ProviderRequest[]): number {
  const seconds = new Map<number, number>();
  for (const { atMs } of granted) {
    const second = Math.floor(atMs / 1_000);
    seconds.set(second, (seconds.get(second) ?? 0) + 1);
  }
  return Math.max(0, ...seconds.values());
}

/** Points of the curve of those served over time. */
export function servedCurve(
  served: readonly Served[],
  startedAtMs: number,
): readonly (readonly [number, number])[] {
  const moments = served.map(({ atMs }) => (atMs - startedAtMs) / 1_000).sort((a, b) => a - b);
  return [0.1, 0.25, 0.5, 0.75, 0.9, 1].map((share) => [
    Math.max(Math.round(quantile(moments, share)), 1),
    Math.round(share * moments.length),
  ]);
}
