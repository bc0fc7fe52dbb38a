import { describe, expect, it } from 'vitest';
import type { Token } from '../../src/contract/credential.js';
import { leadMs, refreshDueAtMs, unforcedStartAtMs } from '../../src/policy/refresh-time.js';

const token = (lifeMs: number): Token => ({
  value: 'x',
  tokenType: 'Bearer',
  issuedAtMs: 1_000_000,
  expiresAtMs: 1_000_000 + lifeMs,
});

describe('the lead of a refresh', () => {
  it.each([
    ['a tenth of the life', 1_800_000, 180_000],
    ['at least 30 s', 200_000, 30_000],
    ['at most 5 min', 86_400_000, 300_000],
    ['never more than half of the life', 40_000, 20_000],
  ])('is %s', (_name, lifeMs, expected) => {
    expect(leadMs(lifeMs, {})).toBe(expected);
  });

  it('is the one that the credential names, if it fits into half of the life', () => {
    expect(leadMs(3_600_000, { leadMs: 180_000 })).toBe(180_000);
    expect(leadMs(60_000, { leadMs: 180_000 })).toBe(30_000);
  });
});

describe('the time of a refresh', () => {
  it('is the lead before expiry, and up to a fifth of the lead earlier', () => {
    expect(refreshDueAtMs(token(1_800_000), {}, 0)).toBe(1_000_000 + 1_620_000);
    expect(refreshDueAtMs(token(1_800_000), {}, 1)).toBe(1_000_000 + 1_584_000);
  });

  it('is never in the first half of the life, whatever the jitter', () => {
    expect(refreshDueAtMs(token(10_000), {}, 1)).toBe(1_005_000);
    expect(refreshDueAtMs(token(0), {}, 1)).toBe(1_000_000);
  });

  it('waits until the provider accepts the token’s age', () => {
    const timing = { minimumAgeMs: 86_400_000 };
    expect(refreshDueAtMs(token(90_000_000), timing, 0)).toBe(1_000_000 + 89_700_000);
    expect(refreshDueAtMs(token(86_400_000), timing, 0)).toBe(1_000_000 + 86_400_000);
  });

  it('keeps unforced refreshes 10 s apart', () => {
    expect(unforcedStartAtMs(5_000, undefined)).toBe(5_000);
    expect(unforcedStartAtMs(5_000, 4_000)).toBe(14_000);
    expect(unforcedStartAtMs(50_000, 4_000)).toBe(50_000);
  });

  it('is a whole millisecond, so that no timer ends a fraction before it', () => {
    for (const jitter of [0, 0.123456789, 0.5, 1]) {
      expect(Number.isInteger(refreshDueAtMs(token(12_345), {}, jitter))).toBe(true);
    }
  });

  it('comes by the lead, used or not, so that a long-lived token does not let its refresh token die', () => {
    const day = 86_400_000;
    const due = refreshDueAtMs(token(60 * day), { leadMs: 30 * day }, 0);
    expect(due - 1_000_000).toBe(30 * day);
  });
});
