import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  LIFETIME_UNITS,
  type LifetimeFacts,
  tokenLife,
  type JwtTimes,
} from '../../src/policy/lifetime.js';
import { FALLBACK_LIFETIME_MS, LIFETIME_MAX_MS } from '../../src/policy/attempt-numbers.js';
import { holds, PROPERTY_TIMEOUT_MS } from './cases.js';

const nowMs = fc.integer({ min: Date.UTC(2020, 0), max: Date.UTC(2100, 0) });
const defaultMs = fc.integer({ min: 1, max: LIFETIME_MAX_MS });
const unit = fc.constantFrom(...LIFETIME_UNITS);
/** Times that `jwtTimes` hands on: positive and finite, whatever else. */
const jwtTime = fc.oneof(
  fc.integer({ min: 1 }),
  fc.double({ min: Number.MIN_VALUE, noNaN: true, noDefaultInfinity: true }),
);
/** Both sides of every limit: nothing, one millisecond, ten years. */
const lifeMs = fc.oneof(
  fc.integer({ min: -5_000, max: 5_000 }),
  fc.integer({ min: LIFETIME_MAX_MS - 5_000, max: LIFETIME_MAX_MS + 5_000 }),
  fc.integer({ min: -LIFETIME_MAX_MS, max: 2 * LIFETIME_MAX_MS }),
);
const lifeS = lifeMs.map((life) => Math.trunc(life / 1_000));

/** Of a credential that says to believe every life. */
function lifeOf(facts: LifetimeFacts, now: number): number {
  return tokenLife({ maxMs: Infinity, ...facts }, now).lifeMs;
}

describe('the life of a token', () => {
  it(
    'is whole milliseconds, at least one and at most ten years, whatever the answer says',
    () =>
      holds(
        fc.property(anyField(), unit, anyJwt(), fc.option(defaultMs), nowMs, (...said) => {
          const [field, countsIn, jwt, otherwiseMs, now] = said;
          const life = lifeOf(
            {
              field,
              unit: countsIn,
              ...(jwt !== null && { jwt }),
              ...(otherwiseMs !== null && { defaultMs: otherwiseMs }),
            },
            now,
          );
          expect(Number.isSafeInteger(life)).toBe(true);
          expect(life).toBeGreaterThanOrEqual(1);
          expect(life).toBeLessThanOrEqual(LIFETIME_MAX_MS);
        }),
      ),
    PROPERTY_TIMEOUT_MS,
  );

  it(
    'is exactly what a well-formed field says in its unit, as a number and as a text',
    () =>
      holds(
        fc.property(lifeS, fc.boolean(), nowMs, fc.option(defaultMs), (...given) => {
          const [life, asText, now, otherwiseMs] = given;
          const startOfSecond = now - (now % 1_000);
          const otherwise = otherwiseMs === null ? {} : { defaultMs: otherwiseMs };
          const fields = {
            seconds: life,
            milliseconds: life * 1_000,
            'epoch-seconds': startOfSecond / 1_000 + life,
          };
          const expected = believed(life * 1_000, otherwiseMs ?? FALLBACK_LIFETIME_MS);
          for (const countsIn of ['seconds', 'milliseconds', 'epoch-seconds'] as const) {
            const field = asText ? ` ${fields[countsIn]} ` : fields[countsIn];
            const said = { field, unit: countsIn, ...otherwise };
            expect(lifeOf(said, startOfSecond)).toBe(expected);
          }
        }),
      ),
    PROPERTY_TIMEOUT_MS,
  );

  it(
    'is exactly the time until its date, in any offset',
    () =>
      holds(
        fc.property(lifeMs, nowMs, fc.integer({ min: -839, max: 839 }), defaultMs, (...given) => {
          const [life, now, offsetMinutes, otherwiseMs] = given;
          const field = dateWithOffset(now + life, offsetMinutes);
          expect(lifeOf({ field, unit: 'date', defaultMs: otherwiseMs }, now)).toBe(
            believed(life, otherwiseMs),
          );
        }),
      ),
    PROPERTY_TIMEOUT_MS,
  );

  it(
    'is the shorter one where the field and the token itself both say it',
    () =>
      holds(
        fc.property(lifeS, lifeS, nowMs, fc.boolean(), defaultMs, (...given) => {
          const [field, ofJwt, now, withIssue, otherwiseMs] = given;
          const issuedAtS = Math.floor(now / 1_000);
          const jwt = { expiresAtS: issuedAtS + ofJwt, ...(withIssue && { issuedAtS }) };
          const said = [field, ofJwt].filter((seconds) => seconds > 0);
          const shortest = said.length === 0 ? 0 : Math.min(...said) * 1_000;
          const facts = { field, unit: 'seconds', jwt, defaultMs: otherwiseMs } as const;
          expect(lifeOf(facts, issuedAtS * 1_000)).toBe(believed(shortest, otherwiseMs));
        }),
      ),
    PROPERTY_TIMEOUT_MS,
  );

  it(
    'is the default where the field is a text that only looks like a number',
    () =>
      holds(
        fc.property(
          ...[fc.integer(), fc.constantFrom('s', 'e3', 'n', '-', ',5', ' 1', '_0', '%'), defaultMs],
          (life, suffix, otherwiseMs) => {
            for (const countsIn of LIFETIME_UNITS) {
              const facts = { field: `${life}${suffix}`, unit: countsIn, defaultMs: otherwiseMs };
              expect(lifeOf(facts, 0)).toBe(otherwiseMs);
            }
          },
        ),
      ),
    PROPERTY_TIMEOUT_MS,
  );
});

/** What is believed of a life that an answer states: zero and less say nothing, and no life is longer than ten years. */
function believed(statedMs: number, otherwiseMs: number): number {
  if (statedMs < 1) return otherwiseMs;
  return statedMs > LIFETIME_MAX_MS ? LIFETIME_MAX_MS : statedMs;
}

/** RFC 3339, with the hours and minutes of a place that many minutes east of Greenwich. */
function dateWithOffset(atMs: number, offsetMinutes: number): string {
  const local = new Date(atMs + offsetMinutes * 60_000).toISOString().slice(0, -1);
  const minutes = Math.abs(offsetMinutes);
  const [hour, minute] = [Math.floor(minutes / 60), minutes % 60].map((part) =>
    String(part).padStart(2, '0'),
  );
  return `${local}${offsetMinutes < 0 ? '-' : '+'}${hour}:${minute}`;
}

function anyField(): fc.Arbitrary<unknown> {
  return fc.oneof(
    fc.jsonValue(),
    fc.double(),
    fc.maxSafeInteger(),
    fc.double().map(String),
    fc.bigInt().map(String),
    fc.string(),
    fc.date().map((date) => JSON.stringify(date)),
    fc.date({ noInvalidDate: true }).map((date) => date.toISOString()),
    fc.constantFrom(Infinity, -Infinity, Number.NaN, undefined, '2026-02-31T00:00:00Z'),
  );
}

function anyJwt(): fc.Arbitrary<JwtTimes | null> {
  return fc.option(fc.record({ issuedAtS: jwtTime, expiresAtS: jwtTime }, { requiredKeys: [] }));
}
