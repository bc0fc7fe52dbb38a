import { describe, expect, it } from 'vitest';
import {
  askedDelayMs,
  clientRejectedDelayMs,
  retryDelayMs,
  waitWithinLifeMs,
} from '../../src/policy/backoff.js';

const delays = (tokenIsValid: boolean): number[] =>
  [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12].map((attempt) =>
    retryDelayMs({ attempt, tokenIsValid, jitter: 0 }),
  );

describe('the delay of a retry', () => {
  it('doubles from 1 s to 1 min while the token is valid', () => {
    expect(delays(true).slice(0, 8)).toEqual([
      1_000, 2_000, 4_000, 8_000, 16_000, 32_000, 60_000, 60_000,
    ]);
  });

  it('doubles up to 10 min once the token has expired', () => {
    expect(delays(false).slice(6)).toEqual([64_000, 128_000, 256_000, 512_000, 600_000, 600_000]);
  });

  it('loses up to a fifth to jitter', () => {
    expect(retryDelayMs({ attempt: 4, tokenIsValid: true, jitter: 1 })).toBe(6_400);
  });

  it('is what the provider asked for, when that is longer', () => {
    const facts = { attempt: 3, tokenIsValid: true, jitter: 0 };
    expect(retryDelayMs({ ...facts, retryAfterMs: 30_000 })).toBe(30_000);
    expect(retryDelayMs({ ...facts, retryAfterMs: 1_000 })).toBe(4_000);
  });

  it('never overflows and is never less than 800 ms, whatever the attempt count', () => {
    for (const attempt of [-1, 0, 1, 63, 1_000, 2 ** 31, Number.MAX_SAFE_INTEGER]) {
      const delay = retryDelayMs({ attempt, tokenIsValid: false, jitter: 1 });
      expect(delay).toBeGreaterThanOrEqual(800);
      expect(delay).toBeLessThanOrEqual(600_000);
    }
  });

  it('is slow after a rejected client: from 1 min to 10 min', () => {
    expect([1, 2, 3, 4, 5, 6].map((streak) => clientRejectedDelayMs(streak, 0))).toEqual([
      60_000, 120_000, 240_000, 480_000, 600_000, 600_000,
    ]);
  });
});

describe('a wait that the provider asked for', () => {
  const HOUR_MS = 3_600_000;
  const waits = (retryAfterMs: number, tokenLeftMs?: number): number[] =>
    [0, 0.5, 1].map((jitter) =>
      askedDelayMs({ retryAfterMs, jitter, ...(tokenLeftMs === undefined ? {} : { tokenLeftMs }) }),
    );

  it('is never undercut, and later by up to a tenth or a minute, so that a herd does not return as one', () => {
    expect(waits(30_000)).toEqual([30_000, 31_500, 33_000]);
    expect(waits(HOUR_MS)).toEqual([HOUR_MS, HOUR_MS + 30_000, HOUR_MS + 60_000]);
    expect(waits(0)).toEqual([0, 0, 0]);
  });

  it('is late by a third at most of what is then left of the token, which must not end for that', () => {
    expect(waits(30_000, 31_500)).toEqual([30_000, 30_250, 30_500]);
    expect(waits(30_000, 300_000)).toEqual(waits(30_000));
  });

  it('is late by its jitter where the token ends before it', () => {
    expect(waits(30_000, 30_000)).toEqual(waits(30_000));
    expect(waits(30_000, -1)).toEqual(waits(30_000));
  });

  it('is late where it makes a retry wait, too', () => {
    const facts = { attempt: 1, tokenIsValid: true, retryAfterMs: 30_000, jitter: 1 };
    expect(retryDelayMs(facts)).toBe(33_000);
    expect(retryDelayMs({ ...facts, tokenLeftMs: 31_500 })).toBe(30_500);
  });
});

describe('a wait of a token that renews only itself', () => {
  const NOW = 1_000_000;
  const cutMs = (waitMs: number, leftMs: number): number =>
    waitWithinLifeMs(
      waitMs,
      { spendsToken: true, currentToken: { expiresAtMs: NOW + leftMs } },
      NOW,
    );

  it('leaves room for several tries before the token ends, also where the provider asked for longer', () => {
    let leftMs = 150_000;
    let tries = 0;
    while (leftMs > 10_000) {
      leftMs -= cutMs(3_600_000, leftMs);
      tries += 1;
    }
    expect(tries).toBeGreaterThanOrEqual(5);
  });

  it('is not made longer, and never shorter than a second', () => {
    expect(cutMs(4_000, 150_000)).toBe(4_000);
    expect(cutMs(4_000, 900)).toBe(1_000);
  });

  it('is as it is once the token has expired', () => {
    expect(cutMs(600_000, 0)).toBe(600_000);
    expect(cutMs(600_000, -1)).toBe(600_000);
  });
});
