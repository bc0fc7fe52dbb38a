import fc from 'fast-check';
import type { CredentialSpec, RefreshTiming, Token } from '../../src/contract/credential.js';
import { CUT_WAITS } from '../../src/contract/messages.js';
import { leadRule } from '../../src/policy/refresh-time.js';
import { WireError } from '../../src/providers/wire-error.js';
import { spec } from '../support/keeper-fixture.js';
import { type Fate, tokenAnswer } from './simulated-attempt.js';
import { BORN_AT_MS, type World } from './simulated-keeper.js';

const SECOND_MS = 1_000;
const HOUR_MS = 3_600 * SECOND_MS;
const DAY_MS = 24 * HOUR_MS;
const YEAR_MS = 365 * DAY_MS;
const MINIMUM_AGE_MAX_MS = 10 * DAY_MS;

/** All orders of magnitude are equally likely; a plain draw would nearly always be long. */
function spanMs(minMs: number, maxMs: number): fc.Arbitrary<number> {
  const exponent = fc.double({ min: Math.log(minMs), max: Math.log(maxMs), noNaN: true });
  return exponent.map((power) => Math.min(Math.max(Math.round(Math.exp(power)), minMs), maxMs));
}

/** Life of a token, in milliseconds: 1 s to 12 years. */
export const lifeMs = spanMs(SECOND_MS, 12 * YEAR_MS);

/** Draw of jitter. */
export const jitter = fc.double({ min: 0, max: 1, noNaN: true });

const durationMs = spanMs(SECOND_MS, 999_999 * DAY_MS);

/** Whatever a credentials file may ask for. */
export const timing: fc.Arbitrary<RefreshTiming> = fc.record(
  { leadMs: durationMs, minimumAgeMs: durationMs, defaultLifetimeMs: durationMs },
  { requiredKeys: [] },
);

/** Tokens that must grow older than some days would leave a simulated year empty. */
const simulatedTiming = timing.map(({ minimumAgeMs, ...rest }) => ({
  ...rest,
  ...(minimumAgeMs === undefined ? {} : { minimumAgeMs: minimumAgeMs % MINIMUM_AGE_MAX_MS }),
}));

const answerMs = fc.integer({ min: 0, max: 20 * SECOND_MS });

const surroundings = {
  timing: simulatedTiming,
  jitters: fc.array(jitter, { minLength: 1, maxLength: 8 }),
  forceGapsMs: fc.oneof(
    fc.constant([]),
    fc.array(spanMs(1, YEAR_MS), { minLength: 1, maxLength: 8 }),
  ),
  force: fc.record(
    { cuts: fc.constantFrom(...CUT_WAITS), namesItsGeneration: fc.boolean() },
    { requiredKeys: ['namesItsGeneration'] },
  ),
};

const seedToken = lifeMs.map((life): Token => {
  const expiresAtMs = BORN_AT_MS + life;
  return { value: 'seed', tokenType: 'Bearer', issuedAtMs: BORN_AT_MS, expiresAtMs };
});

/** As `apply` hands it to a keeper. */
function seeded(
  token: Token,
  wished: RefreshTiming,
): Pick<CredentialSpec, 'seedToken' | 'seedLead'> {
  const lead = { timing: wished, spendsToken: false, jitter: 0.5 };
  return { seedToken: token, seedLead: leadRule(lead) };
}

const promptFate = fc.record({ life: lifeMs, answerMs }).map(({ life, ...times }): Fate => ({
  pickUpMs: 0,
  clockAheadMs: 0,
  ...times,
  end: { answer: tokenAnswer(String(life / SECOND_MS)) },
}));

/** A provider that answers every request with a token, after at most 20 s. */
export const promptWorld: fc.Arbitrary<World> = fc
  .record({
    ...surroundings,
    seed: fc.option(seedToken, { nil: undefined }),
    fates: fc.array(promptFate, { minLength: 1, maxLength: 10 }),
  })
  .map(({ timing: wished, seed, ...world }) => ({
    ...world,
    fatedAttempts: Infinity,
    spec: spec({ timing: wished, ...(seed === undefined ? {} : seeded(seed, wished)) }),
  }));

const lifetimeJson = fc.oneof(
  spanMs(SECOND_MS, 10 * DAY_MS).map((ms) => String(ms / SECOND_MS)),
  fc.constantFrom('0', '-1', '0.0004', 'null', '"3600"', '"1h"', '{}'),
);
const retryAfter = fc.oneof(
  spanMs(1, 1e10).map(String),
  fc.constantFrom('0', '-5', '99999999999999', 'soon', 'Fri, 31 Dec 9999 23:59:59 GMT'),
);
/** A 400 or 404 may end the keeper; most lives should be longer. */
const status = fc.oneof(
  { weight: 20, arbitrary: fc.constantFrom(204, 302, 401, 403, 408, 429, 500, 502, 503, 504) },
  { weight: 1, arbitrary: fc.constantFrom(400, 404) },
);
const refusal = fc
  .record({
    status,
    error: fc.constantFrom('', 'slow_down', 'invalid_client', 'never_heard_of'),
    retryAfter: fc.option(retryAfter, { nil: undefined }),
  })
  .map(({ error, retryAfter: wait, ...answer }) => ({
    answer: {
      ...answer,
      headers: wait === undefined ? {} : { 'retry-after': wait },
      text: error === '' ? '<html>' : JSON.stringify({ error }),
    },
  }));
const wireError = fc
  .constantFrom('not_connected', 'connection_lost', 'deadline_exceeded', 'destination_refused')
  .map((code) => ({ wireError: new WireError(code, code !== 'not_connected') }));
const troubledFate: fc.Arbitrary<Fate> = fc.record({
  pickUpMs: fc.oneof(fc.constant(0), spanMs(1, DAY_MS)),
  clockAheadMs: fc.constantFrom(0, HOUR_MS, -HOUR_MS, YEAR_MS, -YEAR_MS),
  answerMs,
  end: fc.oneof(
    lifetimeJson.map((json) => ({ answer: tokenAnswer(json) })),
    refusal,
    wireError,
    fc.constantFrom('killed-before-the-answer' as const, 'killed-after-the-journal' as const),
  ),
});

/** Failures, odd lifetimes, any `Retry-After`, outages, dead workers and forces; then a healthy provider. */
export const troubledWorld: fc.Arbitrary<World> = fc
  .record({
    ...surroundings,
    fates: fc.array(troubledFate, { minLength: 1, maxLength: 10 }),
    fatedAttempts: fc.integer({ min: 1, max: 20 }),
  })
  .map(({ timing: wished, ...world }) => ({ ...world, spec: spec({ timing: wished }) }));
