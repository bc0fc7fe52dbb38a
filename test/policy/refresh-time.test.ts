import { describe, expect, it } from 'vitest';
import type { RefreshTiming, Token } from '../../src/contract/credential.js';
import {
  needsNewLoginSoon,
  refreshDueAtMs,
  refreshLeadMs,
  unforcedStartAtMs,
} from '../../src/policy/refresh-time.js';

const token = (lifeMs: number): Token => ({
  value: 'x',
  tokenType: 'Bearer',
  issuedAtMs: 1_000_000,
  expiresAtMs: 1_000_000 + lifeMs,
});

const leadOf = (lifeMs: number, timing: RefreshTiming = {}, spendsToken = false): number =>
  refreshLeadMs(token(lifeMs), { timing, spendsToken, jitter: 0 });

/** When a token is due by the lead that is decided for it. */
const dueAtMs = (of: Token, timing: RefreshTiming, jitter: number): number =>
  refreshDueAtMs(of, timing, refreshLeadMs(of, { timing, spendsToken: false, jitter }));

describe('the lead of a refresh', () => {
  it.each([
    ['a tenth of the life', 1_800_000, 180_000],
    ['at least 30 s', 200_000, 30_000],
    ['at most 5 min', 86_400_000, 300_000],
    ['never more than half of the life', 40_000, 20_000],
  ])('is %s', (_name, lifeMs, expected) => {
    expect(leadOf(lifeMs)).toBe(expected);
  });

  it('is the one that the credential names, if it fits into half of the life', () => {
    expect(leadOf(3_600_000, { leadMs: 180_000 })).toBe(180_000);
    expect(leadOf(60_000, { leadMs: 180_000 })).toBe(30_000);
  });

  it('is half of the life where the token renews only itself, so that many tries fit before its end', () => {
    expect(leadOf(300_000, {}, true)).toBe(150_000);
    expect(leadOf(300_000, { leadMs: 60_000 }, true)).toBe(60_000);
  });
});

describe('the time of a refresh', () => {
  it('is the lead before expiry, and up to a fifth of the lead earlier', () => {
    expect(dueAtMs(token(1_800_000), {}, 0)).toBe(1_000_000 + 1_620_000);
    expect(dueAtMs(token(1_800_000), {}, 1)).toBe(1_000_000 + 1_584_000);
  });

  it('is never in the first half of the life, whatever the jitter', () => {
    expect(dueAtMs(token(10_000), {}, 1)).toBe(1_005_000);
    expect(dueAtMs(token(0), {}, 1)).toBe(1_000_000);
  });

  it('waits until the provider accepts the token’s age', () => {
    const timing = { minimumAgeMs: 86_400_000 };
    expect(dueAtMs(token(90_000_000), timing, 0)).toBe(1_000_000 + 89_700_000);
    expect(dueAtMs(token(86_400_000), timing, 0)).toBe(1_000_000 + 86_400_000);
  });

  it('keeps unforced refreshes 10 s apart', () => {
    expect(unforcedStartAtMs(5_000, undefined)).toBe(5_000);
    expect(unforcedStartAtMs(5_000, 4_000)).toBe(14_000);
    expect(unforcedStartAtMs(50_000, 4_000)).toBe(50_000);
  });

  it('is a whole millisecond, so that no timer ends a fraction before it', () => {
    for (const jitter of [0, 0.123456789, 0.5, 1]) {
      expect(Number.isInteger(dueAtMs(token(12_345), {}, jitter))).toBe(true);
    }
  });

  it('comes by the lead, used or not, so that a long-lived token does not let its refresh token die', () => {
    const day = 86_400_000;
    const due = dueAtMs(token(60 * day), { leadMs: 30 * day }, 0);
    expect(due - 1_000_000).toBe(30 * day);
  });

  it('comes before the material expires that the refresh spends, also if the token lives longer', () => {
    const outlived = { ...token(3_600_000), materialExpiresAtMs: 1_000_000 + 1_800_000 };
    expect(dueAtMs(outlived, {}, 0)).toBe(dueAtMs(token(1_800_000), {}, 0));
    const outliving = { ...token(1_800_000), materialExpiresAtMs: 1_000_000 + 3_600_000 };
    expect(dueAtMs(outliving, {}, 1)).toBe(dueAtMs(token(1_800_000), {}, 1));
  });

  it('takes no notice of material that should have expired before the token was issued', () => {
    for (const agoMs of [0, 1, 86_400_000]) {
      const outdated = { ...token(3_600_000), materialExpiresAtMs: 1_000_000 - agoMs };
      expect(dueAtMs(outdated, {}, 0)).toBe(dueAtMs(token(3_600_000), {}, 0));
    }
  });
});

describe('a new login', () => {
  const day = 86_400_000;
  const made = (issuedAtMs: number, materialExpiresAtMs: number): Token => ({
    ...token(3_600_000),
    issuedAtMs,
    materialExpiresAtMs,
  });

  it('is needed soon where the material ends within seven days and no refresh moves that', () => {
    const before = made(0, 6 * day);
    expect(needsNewLoginSoon(before, made(3_600_000, 6 * day), 3_600_000)).toBe(true);
    // The provider counts whole seconds, and the way to it takes some.
    expect(needsNewLoginSoon(before, made(3_600_000, 6 * day + 2_000), 3_600_000)).toBe(true);
    expect(needsNewLoginSoon(made(0, 8 * day), made(3_600_000, 8 * day), 3_600_000)).toBe(false);
  });

  it('is not needed where each refresh moves the end along', () => {
    const sliding = made(3_600_000, 1_800_000 + 3_600_000);
    expect(needsNewLoginSoon(made(0, 1_800_000), sliding, 3_600_000)).toBe(false);
  });

  it('cannot be foreseen where the provider says nothing, or has said it only once', () => {
    expect(needsNewLoginSoon(made(0, day), token(3_600_000), 0)).toBe(false);
    expect(needsNewLoginSoon(token(3_600_000), made(0, day), 0)).toBe(false);
    expect(needsNewLoginSoon(undefined, made(0, day), 0)).toBe(false);
  });
});
