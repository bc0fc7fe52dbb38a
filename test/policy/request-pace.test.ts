import { describe, expect, it } from 'vitest';
import { PACE_WAIT_MAX_MS } from '../../src/policy/fleet-numbers.js';
import { pacedAtMs } from '../../src/policy/request-pace.js';

/** When requests go out that come at the given moments. */
function paced(limit: number, arrivalsMs: readonly number[]): readonly number[] {
  const sentMs: number[] = [];
  for (const nowMs of arrivalsMs) sentMs.push(pacedAtMs(sentMs.at(-1), limit, nowMs));
  return sentMs;
}

describe('the pace of requests', () => {
  it('lets no second of any clock see more than the limit, though all come at once', () => {
    const sentMs = paced(5, Array<number>(10).fill(1_000));
    const offsets = Array.from({ length: 1_000 }, (_, offsetMs) => offsetMs);
    for (const offsetMs of offsets) {
      const seconds = sentMs.map((atMs) => Math.floor((atMs + offsetMs) / 1_000));
      const most = Math.max(...seconds.map((one) => seconds.filter((s) => s === one).length));
      expect(most).toBeLessThanOrEqual(5);
    }
  });

  it('delays nothing that comes more slowly than the limit', () => {
    const arrivalsMs = [0, 250, 1_900, 2_150];
    expect(paced(4, arrivalsMs)).toEqual(arrivalsMs);
  });

  it('holds no request longer than the server may be without a sign of it', () => {
    const sentMs = paced(0.01, [0, 1, 2]);
    expect(sentMs).toEqual([0, 1 + PACE_WAIT_MAX_MS, 2 + PACE_WAIT_MAX_MS]);
  });
});
