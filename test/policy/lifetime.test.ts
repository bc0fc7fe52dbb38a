import { describe, expect, it } from 'vitest';
import { LIFETIME_UNITS, tokenLifetimeMs } from '../../src/policy/lifetime.js';
import { FALLBACK_LIFETIME_MS, LIFETIME_MAX_MS } from '../../src/policy/numbers.js';

const NOW = Date.UTC(2026, 0, 1);
const inSeconds = (field: unknown): number => tokenLifetimeMs({ field, unit: 'seconds' }, NOW);

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
    ['past 2^31 milliseconds', 2 ** 31, LIFETIME_MAX_MS],
    ['infinite', Number.POSITIVE_INFINITY, LIFETIME_MAX_MS],
    ['a huge string', '99999999999999999999', LIFETIME_MAX_MS],
    ['thirty days', 30 * 86_400, 30 * 86_400_000],
  ])('is believed up to ten years when the field is %s', (_name, field, expected) => {
    expect(inSeconds(field)).toBe(expected);
  });

  it('counts in the unit that the provider’s page names', () => {
    expect(tokenLifetimeMs({ field: 3_600_000, unit: 'milliseconds' }, NOW)).toBe(3_600_000);
    expect(tokenLifetimeMs({ field: NOW / 1_000 + 60, unit: 'epoch-seconds' }, NOW)).toBe(60_000);
    expect(tokenLifetimeMs({ field: '2026-01-01T00:01:00Z', unit: 'date' }, NOW)).toBe(60_000);
  });

  it('is the default when a date has passed or is none', () => {
    for (const field of ['2025-12-31T00:00:00Z', '2026-01-02', 'soon', 7]) {
      expect(tokenLifetimeMs({ field, unit: 'date', defaultMs: 5_000 }, NOW)).toBe(5_000);
    }
  });

  it('is the JWT’s own where that is shorter than the field', () => {
    const jwt = { issuedAtS: 1_000, expiresAtS: 1_930 };
    expect(tokenLifetimeMs({ field: 3600, unit: 'seconds', jwt }, NOW)).toBe(930_000);
    expect(tokenLifetimeMs({ field: 300, unit: 'seconds', jwt }, NOW)).toBe(300_000);
  });

  it('is the JWT’s own where the field is missing, also without a time of issue', () => {
    const jwt = { expiresAtS: NOW / 1_000 + 120 };
    expect(tokenLifetimeMs({ field: undefined, unit: 'seconds', jwt }, NOW)).toBe(120_000);
  });

  it('is the default when the JWT expired before it was issued', () => {
    const jwt = { issuedAtS: 2_000, expiresAtS: 1_000 };
    expect(tokenLifetimeMs({ field: undefined, unit: 'seconds', jwt, defaultMs: 9_000 }, NOW)).toBe(
      9_000,
    );
  });

  it.each([-(2 ** 31), '-2147483648', 2 ** 32 - 1, '18446744073709551615'])(
    'is positive, bounded and never longer than the JWT’s where a server’s integer overflowed to %j',
    (field) => {
      expect(inSeconds(field)).toBeGreaterThan(0);
      expect(inSeconds(field)).toBeLessThanOrEqual(LIFETIME_MAX_MS);
      const jwt = { issuedAtS: 1_000, expiresAtS: 1_300 };
      expect(tokenLifetimeMs({ field, unit: 'seconds', jwt }, NOW)).toBe(300_000);
    },
  );

  it.each(LIFETIME_UNITS)('is the default for a duration as D:HH:MM, counted in %s', (unit) => {
    const defaultMs = 14_400_000;
    expect(tokenLifetimeMs({ field: '0:04:00', unit, defaultMs }, NOW)).toBe(defaultMs);
  });
});
