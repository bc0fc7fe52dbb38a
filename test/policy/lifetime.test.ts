import { describe, expect, it } from 'vitest';
import { defined } from '../../src/contract/defined.js';
import { datedToken } from '../../src/policy/adopted-token.js';
import { type LifetimeFacts, LIFETIME_UNITS, tokenLife } from '../../src/policy/lifetime.js';
import { FALLBACK_LIFETIME_MS, LIFETIME_MAX_MS } from '../../src/policy/attempt-numbers.js';

const NOW = Date.UTC(2026, 0, 1);
const lifeOf = (facts: LifetimeFacts): number => tokenLife(facts, NOW).lifeMs;
const inSeconds = (field: unknown): number => lifeOf({ field, unit: 'seconds' });

describe('the life that only a JWT says', () => {
  const s = NOW / 1_000;

  it('is not believed beyond the longest life that the credential believes', () => {
    const jwt = { issuedAtS: s, expiresAtS: s + 10 * 365 * 86_400 };
    const facts = { field: undefined, unit: 'seconds', jwt, maxMs: 600_000 } as const;
    expect(tokenLife(facts, NOW)).toMatchObject({ lifeMs: 600_000, isDoubted: true });
  });

  it.each([
    ['exp alone', { expiresAtS: NOW + 3_600_000 }],
    ['exp beside an iat in seconds', { issuedAtS: s, expiresAtS: NOW + 3_600_000 }],
    ['exp and iat', { issuedAtS: NOW, expiresAtS: NOW + 3_600_000 }],
  ])('is not believed where it counts milliseconds in %s', (_name, jwt) => {
    const life = tokenLife({ field: undefined, unit: 'seconds', jwt }, NOW);
    expect(life).toMatchObject({ lifeMs: 3_600_000, isDoubted: true, isAssumed: true });
  });

  it('takes nothing from a field that is believed', () => {
    const facts = { field: 900, unit: 'seconds', jwt: { expiresAtS: NOW } } as const;
    expect(tokenLife(facts, NOW)).toMatchObject({ lifeMs: 900_000, isDoubted: false });
  });
});

describe('the life of a JWT that was issued before', () => {
  const s = NOW / 1_000;
  const MINUTE_S = 60;
  const jwt = { issuedAtS: s - 50 * MINUTE_S, expiresAtS: s + 10 * MINUTE_S };
  const lifeAt = (answeredAtMs: number | undefined, nowMs = NOW): number =>
    tokenLife({ field: undefined, unit: 'seconds', jwt, ...defined({ answeredAtMs }) }, nowMs)
      .lifeMs;

  it('is what is left of it when the provider hands it out again', () => {
    expect(lifeAt(NOW)).toBe(600_000);
    const facts = { field: 3_600, unit: 'seconds', jwt, answeredAtMs: NOW } as const;
    expect(tokenLife(facts, NOW)).toMatchObject({ lifeMs: 600_000, isDoubted: false });
  });

  it('ends with the JWT, also where its attempt had waited for a worker and its clock is late by that', () => {
    const waitedMs = 300_000;
    const sentAtMs = NOW - waitedMs;
    const facts = { field: undefined, unit: 'seconds', jwt } as const;
    for (const answeredAtMs of [NOW, sentAtMs - 1_000]) {
      const { lifeMs, isStatedTime } = tokenLife({ ...facts, answeredAtMs }, sentAtMs);
      const token = { value: 'access', tokenType: 'Bearer', issuedAtMs: sentAtMs };
      const dated = datedToken(
        {
          token: { ...token, expiresAtMs: sentAtMs + lifeMs },
          waitedMs,
          ...(isStatedTime ? { hasStatedExpiry: true } : {}),
        },
        NOW,
      );
      expect(dated.expiresAtMs).toBe(jwt.expiresAtS * 1_000 + Math.max(NOW - answeredAtMs, 0));
    }
  });

  it('is its whole life where one clock calls it new, since the other may be wrong', () => {
    const issuedAtMs = NOW - 50 * 60_000;
    expect(lifeAt(NOW, issuedAtMs)).toBe(3_600_000);
    expect(lifeAt(issuedAtMs, NOW)).toBe(3_600_000);
    expect(lifeAt(issuedAtMs - 1_000, NOW)).toBe(3_600_000);
    expect(lifeAt(undefined)).toBe(3_600_000);
  });

  it('is its whole life where both clocks call it expired, so that it is not refreshed on and on', () => {
    expect(lifeAt(NOW + 3_600_000, NOW + 3_600_000)).toBe(3_600_000);
  });
});

describe('the life of a token', () => {
  it.each([
    ['a number of seconds', 3600, 3_600_000],
    ['a numeric string', '3600', 3_600_000],
    ['a numeric string with blanks', ' 1800 ', 1_800_000],
    ['a fraction, rounded down to whole milliseconds', 1.9999, 1_999],
  ])('is read from %s', (_name, field, expected) => {
    expect(inSeconds(field)).toBe(expected);
  });

  it.each([
    ['missing', undefined],
    ['null', null],
    ['zero', 0],
    ['negative', -5],
    ['a negative string', '-5'],
    ['an empty string', ''],
    ['a word', 'zzz'],
    ['an object', {}],
    ['an array', [3600]],
    ['false', false],
    ['true', true],
    ['not a number', Number.NaN],
    ['a date, which parseFloat would take for 2026', '2026-08-22T10:00:00Z'],
    ['a duration, which parseFloat would take for 1', '1h'],
    ['a clock, which parseFloat would take for 0', '0:02:00'],
    ['hexadecimal', '0x10'],
    ['an exponent', '1e3'],
  ])('is the default when the field is %s, and never for ever', (_name, field) => {
    expect(inSeconds(field)).toBe(FALLBACK_LIFETIME_MS);
  });

  it.each([
    ['an hour', 3_600],
    ['thirty days', 30 * 86_400],
    ['sixty days', 5_184_000],
    ['a little less, as Facebook grants', 5_183_944],
    ['a year', 365 * 86_400],
  ])('is believed when the field is %s', (_name, field) => {
    const life = tokenLife({ field, unit: 'seconds' }, NOW);
    expect(life).toEqual({
      lifeMs: field * 1_000,
      isStatedTime: false,
      isDoubted: false,
      isAssumed: false,
    });
  });

  it.each([
    ['an epoch', 1_790_000_000],
    ['milliseconds of an hour', 3_600_000],
    ['milliseconds of half an hour, as text', '1800000'],
    ['past 2^31 milliseconds', 2 ** 31],
    ['infinite', Number.POSITIVE_INFINITY],
    ['a huge string', '99999999999999999999'],
  ])('is doubted when the field is %s: the JWT’s own or the default counts', (_name, field) => {
    const jwt = { issuedAtS: 1_000, expiresAtS: 1_930 };
    expect(tokenLife({ field, unit: 'seconds', jwt }, NOW)).toMatchObject({
      lifeMs: 930_000,
      isDoubted: true,
      isAssumed: false,
    });
    expect(tokenLife({ field, unit: 'seconds', defaultMs: 9_000 }, NOW)).toMatchObject({
      lifeMs: 9_000,
      isDoubted: true,
      isAssumed: true,
    });
  });

  it.each([
    ['299 s', 299_000],
    ['5 min', 300_000],
    ['10 min', 600_000],
    ['1799 s, as VMware grants', 1_799_000],
    ['40 min', 2_400_000],
    ['3599 s, as Entra ID and Spring grant', 3_599_000],
    ['an hour, less what has passed', 3_598_742],
    ['3660 s', 3_660_000],
    ['7199 s', 7_199_000],
    ['3 h, which are 125 days of seconds', 10_800_000],
    ['6 h, which are 250 days of seconds', 21_600_000],
    ['almost 6 h', 21_599_000],
    ['8 h', 28_800_000],
    ['43199 s', 43_199_000],
    ['86399 s', 86_399_000],
    ['a day', 86_400_000],
  ])('is doubted where seconds are milliseconds of %s', (_name, field) => {
    expect(tokenLife({ field, unit: 'seconds' }, NOW).isDoubted).toBe(true);
    expect(tokenLife({ field, unit: 'milliseconds' }, NOW).isDoubted).toBe(false);
  });

  it.each([
    ['a day', 86_400],
    ['100,000 s', 100_000],
    ['three days less a second', 259_199],
    ['5 days', 432_000],
    ['7 days', 604_800],
    ['10 days', 864_000],
    ['14 days', 1_209_600],
    ['30 days', 2_592_000],
    ['30 days less a second', 2_591_999],
    ['a twelfth of a year', 2_628_000],
    ['31 days', 2_678_400],
    ['45 days', 3_888_000],
    ['60 days', 5_184_000],
    ['60 days less some seconds, as Facebook grants', 5_183_944],
    ['90 days', 7_776_000],
    ['100 days', 8_640_000],
    ['101 days, as Intuit grants', 8_726_400],
    ['half a year', 15_768_000],
    ['180 days', 15_552_000],
    ['365 days', 31_536_000],
    ['400 days', 34_560_000],
  ])('is not doubted where it is %s', (_name, field) => {
    expect(tokenLife({ field, unit: 'seconds' }, NOW).isDoubted).toBe(false);
  });

  it('is believed as far as the credential says, and bounded by what timers bear', () => {
    const maxMs = 50 * 365 * 86_400_000;
    expect(lifeOf({ field: 3_600_000, unit: 'seconds', maxMs })).toBe(3_600_000_000);
    expect(lifeOf({ field: 40 * 365 * 86_400, unit: 'seconds', maxMs })).toBe(LIFETIME_MAX_MS);
    expect(lifeOf({ field: 7_200, unit: 'seconds', maxMs: 3_600_000, defaultMs: 5_000 })).toBe(
      5_000,
    );
  });

  it('is known to be stated as a time, which does not move with the time of issue', () => {
    const stated = [
      { field: '2026-01-01T00:01:00Z', unit: 'date' },
      { field: NOW / 1_000 + 60, unit: 'epoch-seconds' },
      { field: undefined, unit: 'seconds', jwt: { expiresAtS: NOW / 1_000 + 60 } },
    ] as const;
    for (const facts of stated) expect(tokenLife(facts, NOW).isStatedTime).toBe(true);
    const relative = { field: 60, unit: 'seconds', jwt: { issuedAtS: 1, expiresAtS: 99 } } as const;
    expect(tokenLife(relative, NOW).isStatedTime).toBe(false);
  });

  it('counts in the unit that the provider’s page names', () => {
    expect(lifeOf({ field: 3_600_000, unit: 'milliseconds' })).toBe(3_600_000);
    expect(lifeOf({ field: NOW / 1_000 + 60, unit: 'epoch-seconds' })).toBe(60_000);
    expect(lifeOf({ field: '2026-01-01T00:01:00Z', unit: 'date' })).toBe(60_000);
  });

  it('is the default when a date has passed or is none', () => {
    for (const field of ['2025-12-31T00:00:00Z', '2026-01-02', 'soon', 7]) {
      expect(lifeOf({ field, unit: 'date', defaultMs: 5_000 })).toBe(5_000);
    }
  });

  it('is the JWT’s own where that is shorter than the field', () => {
    const jwt = { issuedAtS: 1_000, expiresAtS: 1_930 };
    expect(lifeOf({ field: 3600, unit: 'seconds', jwt })).toBe(930_000);
    expect(lifeOf({ field: 300, unit: 'seconds', jwt })).toBe(300_000);
  });

  it('is the JWT’s own where the field is missing, also without a time of issue', () => {
    const jwt = { expiresAtS: NOW / 1_000 + 120 };
    expect(lifeOf({ field: undefined, unit: 'seconds', jwt })).toBe(120_000);
  });

  it('is the default when the JWT expired before it was issued', () => {
    const jwt = { issuedAtS: 2_000, expiresAtS: 1_000 };
    expect(lifeOf({ field: undefined, unit: 'seconds', jwt, defaultMs: 9_000 })).toBe(9_000);
  });

  it.each([-(2 ** 31), '-2147483648', 2 ** 32 - 1, '18446744073709551615'])(
    'is positive, bounded and never longer than the JWT’s where a server’s integer overflowed to %j',
    (field) => {
      expect(inSeconds(field)).toBeGreaterThan(0);
      expect(inSeconds(field)).toBeLessThanOrEqual(LIFETIME_MAX_MS);
      const jwt = { issuedAtS: 1_000, expiresAtS: 1_300 };
      expect(lifeOf({ field, unit: 'seconds', jwt })).toBe(300_000);
    },
  );

  it.each(LIFETIME_UNITS)('is the default for a duration as D:HH:MM, counted in %s', (unit) => {
    const defaultMs = 14_400_000;
    expect(lifeOf({ field: '0:04:00', unit, defaultMs })).toBe(defaultMs);
  });
});
