import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RETRY_AFTER_MAX_MS } from '../../src/policy/attempt-numbers.js';
import { retryAfterMs } from '../../src/policy/retry-after.js';
import { holds, PROPERTY_TIMEOUT_MS } from './cases.js';
import { HTTP_DATE_FORMS } from './http-date.js';

/** Whole seconds of half a century, since an HTTP date has no fraction. */
const second = fc
  .integer({ min: Date.UTC(2020, 0) / 1_000, max: Date.UTC(2068, 0) / 1_000 })
  .map((seconds) => seconds * 1_000);
const form = fc.constantFrom(...HTTP_DATE_FORMS);
/** Around the limit, and far from it. */
const distance = fc
  .oneof(fc.integer({ min: -5, max: 3_605 }), fc.integer({ min: -1e9, max: 1e9 }))
  .map((seconds) => seconds * 1_000);
const padding = fc.constantFrom('', ' ', '\t');

describe('Retry-After', () => {
  it(
    'is nothing, or whole milliseconds within its limit, whatever the headers say',
    () =>
      holds(
        fc.property(anyHeader(), fc.option(anyHeader()), second, (header, date, nowMs) => {
          const waitMs = retryAfterMs(header, date ?? undefined, nowMs);
          if (waitMs !== undefined) {
            expect(Number.isSafeInteger(waitMs)).toBe(true);
            expect(waitMs).toBeGreaterThanOrEqual(0);
            expect(waitMs).toBeLessThanOrEqual(RETRY_AFTER_MAX_MS);
          }
        }),
      ),
    PROPERTY_TIMEOUT_MS,
  );

  it(
    'is exactly the seconds that it says, however many digits they have',
    () =>
      holds(
        fc.property(fc.bigInt({ min: 0n, max: 10n ** 30n }), padding, second, (asked, pad, now) => {
          const wanted = asked * 1_000n;
          const limit = BigInt(RETRY_AFTER_MAX_MS);
          const expected = Number(wanted < limit ? wanted : limit);
          expect(retryAfterMs(`${pad}${asked}${pad}`, undefined, now)).toBe(expected);
        }),
      ),
    PROPERTY_TIMEOUT_MS,
  );

  it(
    'is exactly the time until its date, from the answer’s own date or else from now',
    () =>
      holds(
        fc.property(
          ...[second, distance, form, fc.option(form), padding],
          (fromMs, distanceMs, write, writeDate, pad) => {
            const header = pad + write(fromMs + distanceMs) + pad;
            const expected = Math.min(Math.max(distanceMs, 0), RETRY_AFTER_MAX_MS);
            const waitMs =
              writeDate === null
                ? retryAfterMs(header, undefined, fromMs)
                : retryAfterMs(header, writeDate(fromMs), fromMs + distanceMs / 2);
            expect(waitMs).toBe(expected);
          },
        ),
      ),
    PROPERTY_TIMEOUT_MS,
  );

  it(
    'is ignored where a character of a date is another one, unless that makes another date',
    () =>
      holds(
        fc.property(
          ...[second, form, fc.nat({ max: 40 }), fc.constantFrom('x', '-', ' ', ':', '\u0661')],
          (atMs, write, position, character) => {
            const date = write(atMs);
            const index = position % date.length;
            const changed = date.slice(0, index) + character + date.slice(index + 1);
            // A last space is no change, and asctime writes a space before a day of one digit.
            fc.pre(changed.trim() !== date);
            fc.pre(!/^[A-Z][a-z]{2} [A-Z][a-z]{2} {2}\d /.test(changed));
            expect(retryAfterMs(changed, undefined, atMs)).toBeUndefined();
          },
        ),
      ),
    PROPERTY_TIMEOUT_MS,
  );
});

function anyHeader(): fc.Arbitrary<string> {
  const twoDigits = fc.integer({ min: 0, max: 99 }).map((part) => String(part).padStart(2, '0'));
  const nearDate = fc
    .tuple(twoDigits, fc.constantFrom('Feb', 'Nov'), twoDigits, twoDigits, twoDigits, twoDigits)
    .chain(([day, month, year, hour, minute, secondOfMinute]) => {
      const time = `${hour}:${minute}:${secondOfMinute}`;
      return fc.constantFrom(
        `Fri, ${day} ${month} 20${year} ${time} GMT`,
        `Fri, ${day} ${month} 00${year} ${time} GMT`,
        `Friday, ${day}-${month}-${year} ${time} GMT`,
        `Fri ${month} ${day} ${time} 20${year}`,
      );
    });
  return fc.oneof(
    nearDate,
    fc.string(),
    fc.double().map(String),
    fc.bigInt().map(String),
    fc.json(),
    fc.date().map(String),
  );
}
