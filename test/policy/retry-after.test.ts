import { describe, expect, it } from 'vitest';
import { retryAfterMs } from '../../src/policy/retry-after.js';

const NOW = Date.UTC(2026, 10, 6, 8, 49, 37);

describe('Retry-After', () => {
  it('is read in whole seconds', () => {
    expect(retryAfterMs('120', undefined, NOW)).toBe(120_000);
    expect(retryAfterMs(' 0 ', undefined, NOW)).toBe(0);
  });

  it.each([
    ['the preferred form', 'Fri, 06 Nov 2026 08:50:07 GMT'],
    ['the form of RFC 850', 'Friday, 06-Nov-26 08:50:07 GMT'],
    ['the form of asctime', 'Fri Nov  6 08:50:07 2026'],
  ])('is read as an HTTP date in %s', (_name, header) => {
    expect(retryAfterMs(header, undefined, NOW)).toBe(30_000);
  });

  it.each([
    ['a day that its month does not have', 'Mon, 30 Feb 2026 08:50:07 GMT'],
    ['an hour that no day has', 'Fri, 06 Nov 2026 24:00:00 GMT'],
  ])('is ignored when it names %s', (_name, header) => {
    expect(retryAfterMs(header, undefined, NOW)).toBeUndefined();
  });

  it('is read in a year of two digits as at most 50 years ahead', () => {
    const header = 'Sunday, 06-Nov-50 08:50:07 GMT';
    const atThatTime = Date.UTC(2050, 10, 6, 8, 49, 37);
    expect(retryAfterMs(header, undefined, atThatTime)).toBe(30_000);
    expect(retryAfterMs('Sunday, 06-Nov-77 08:50:07 GMT', undefined, NOW)).toBe(0);
  });

  it('knows leap seconds', () => {
    const date = 'Sat, 31 Dec 2016 23:59:30 GMT';
    expect(retryAfterMs('Sat, 31 Dec 2016 23:59:60 GMT', date, NOW)).toBe(30_000);
  });

  it('is measured against the answer’s own date, so that a wrong clock does not matter', () => {
    const date = 'Fri, 06 Nov 2026 08:50:00 GMT';
    expect(retryAfterMs('Fri, 06 Nov 2026 08:50:07 GMT', date, NOW - 86_400_000)).toBe(7_000);
  });

  it('is nothing for a date that has passed, and at most an hour', () => {
    expect(retryAfterMs('Fri, 06 Nov 2026 08:00:00 GMT', undefined, NOW)).toBe(0);
    expect(retryAfterMs('9999999999', undefined, NOW)).toBe(3_600_000);
    expect(retryAfterMs('9'.repeat(400), undefined, NOW)).toBe(3_600_000);
    expect(retryAfterMs('Sat, 07 Nov 2026 08:00:00 GMT', undefined, NOW)).toBe(3_600_000);
  });

  it.each([
    '',
    '-1',
    '1.5',
    '1h',
    '0x10',
    'soon',
    '2026-11-06T08:50:07Z',
    'Fri, 06 Nov 2026',
    '1, 2',
  ])('is ignored when it is %j', (header) => {
    expect(retryAfterMs(header, undefined, NOW)).toBeUndefined();
  });

  it('is nothing when the header is missing', () => {
    expect(retryAfterMs(undefined, undefined, NOW)).toBeUndefined();
  });
});
