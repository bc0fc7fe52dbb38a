import { describe, expect, it } from 'vitest';
import { clientLookMs, trialWaitMs } from '../../src/policy/client-look.js';
import {
  CLIENT_LOOK_MS,
  CLIENT_LOOKS_PER_SECOND,
  TURN_MAX_MS,
  TURN_MIN_MS,
} from '../../src/policy/fleet-numbers.js';
import { type FullHost, turnAtMs, usualMsAfter } from '../../src/policy/host-turn.js';
import { CLIENT_REJECTED_MAX_MS, HTTP_DEADLINE_MS } from '../../src/policy/attempt-numbers.js';

const NOW = 5_000_000;

function host(overrides: Partial<FullHost> = {}): FullHost {
  return {
    places: 10,
    usualMs: 200,
    oldestMs: 100,
    promisedUntilMs: 0,
    jitter: 0,
    ...overrides,
  };
}

/** When attempts come back that find a host full one after the other, in milliseconds from now. */
function turns(count: number, facts: Partial<FullHost>): readonly number[] {
  const waits: number[] = [];
  for (let promisedUntilMs = 0; waits.length < count;) {
    promisedUntilMs = turnAtMs(host({ ...facts, promisedUntilMs }), NOW);
    waits.push(promisedUntilMs - NOW);
  }
  return waits;
}

describe('an attempt that finds its host full', () => {
  it('comes back soon where requests are short', () => {
    expect(turnAtMs(host(), NOW) - NOW).toBe(TURN_MIN_MS);
  });

  it('comes back behind the others, no faster than places become free', () => {
    const waits = turns(20, { usualMs: 10_000 });
    expect(waits.slice(0, 3)).toEqual([1_000, 2_000, 3_000]);
    expect(waits.at(-1)).toBe(20_000);
  });

  it('takes a host that hangs for slow before its first request has ended', () => {
    const [first = 0, second = 0] = turns(2, { oldestMs: HTTP_DEADLINE_MS });
    expect(second - first).toBe(HTTP_DEADLINE_MS / 10);
  });

  it('comes back within a minute, however many wait, and not all at once', () => {
    expect(turns(500, { usualMs: HTTP_DEADLINE_MS }).at(-1)).toBe(TURN_MAX_MS);
    const spread = turnAtMs(host({ promisedUntilMs: NOW + 10 * TURN_MAX_MS, jitter: 1 }), NOW);
    expect(spread - NOW).toBeLessThan(TURN_MAX_MS);
  });

  it('learns how long requests last, the newest counting most', () => {
    expect(usualMsAfter(1_000, 1_000)).toBe(1_000);
    expect(usualMsAfter(1_000, 5_000)).toBeGreaterThan(1_500);
  });
});

describe('a credential whose client is rejected', () => {
  it('looks once a minute whether it still is, less jitter', () => {
    expect(clientLookMs({ held: 1, jitter: 0 })).toBe(CLIENT_LOOK_MS);
    expect(clientLookMs({ held: 500, jitter: 1 })).toBe(CLIENT_LOOK_MS * 0.8);
  });

  it('looks more seldom where there are many, so that all of them load no server', () => {
    const held = 3_000;
    expect(held / (clientLookMs({ held, jitter: 0 }) / 1_000)).toBeCloseTo(CLIENT_LOOKS_PER_SECOND);
  });

  it('comes back soon after a trial, unless so many await it that it would be a storm', () => {
    expect(trialWaitMs(1)).toBe(2_000);
    expect(trialWaitMs(500)).toBe(50_000);
  });

  it('comes back within a minute of a trial, however many await it, and spread over that minute', () => {
    const waits = Array.from({ length: 3_000 }, (_, nth) => trialWaitMs(nth));
    expect(Math.max(...waits)).toBeLessThan(60_000);
    const within30s = waits.filter((waitMs) => waitMs < 30_000).length;
    expect(within30s).toBe(1_500);
  });

  it('comes back from a trial within its share of a rate limit, so that a trial that hangs leaves the rest to refreshes', () => {
    const waits = (limit: number): number[] => [1, 10, 25].map((nth) => trialWaitMs(nth, limit));
    expect(waits(1)).toEqual([10_000, 100_000, 250_000]);
    expect(waits(1_000)).toEqual([1, 10, 25].map((nth) => trialWaitMs(nth)));
    expect(Math.max(...waits(0.01))).toBeLessThanOrEqual(60 * 60_000);
  });

  it('leaves nine tenths of a rate limit to refreshes, as long as that is possible', () => {
    expect(clientLookMs({ held: 100, limit: 5, jitter: 0 })).toBe(200_000);
    expect(clientLookMs({ held: 100_000, limit: 5, jitter: 0 })).toBe(60 * 60_000);
  });

  it('takes half a second each of a small limit for a customer’s whole fleet', () => {
    const held = 1_500;
    const looksPerSecond = held / (clientLookMs({ held, limit: 5, jitter: 0 }) / 1_000);
    expect(looksPerSecond).toBeCloseTo(0.5);
  });

  it('looks at least as often as its client is tried where no limit is short, or there is none', () => {
    expect(clientLookMs({ held: 36_000, limit: 1_000, jitter: 0 })).toBe(CLIENT_REJECTED_MAX_MS);
    expect(clientLookMs({ held: 100_000, jitter: 0 })).toBe(CLIENT_REJECTED_MAX_MS);
  });
});
