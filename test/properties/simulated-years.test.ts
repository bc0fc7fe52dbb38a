import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { clientRejectedDelayMs, retryDelayMs } from '../../src/policy/backoff.js';
import { FORCED_SPACING_MS, UNFORCED_SPACING_MS } from '../../src/policy/keeper-numbers.js';
import {
  CLIENT_REJECTED_MAX_MS,
  LEAD_MIN_MS,
  RETRY_AFTER_JITTER_MAX_MS,
  RETRY_AFTER_MAX_MS,
  RETRY_FIRST_MS,
  RETRY_MAX_AFTER_EXPIRY_MS,
} from '../../src/policy/attempt-numbers.js';
import { refreshDueAtMs, refreshLeadMs } from '../../src/policy/refresh-time.js';
import { keeperStatus } from '../../src/policy/status.js';
import { NOW, token } from '../support/keeper-fixture.js';
import { holds, PROPERTY_TIMEOUT_MS } from './cases.js';
import {
  BORN_AT_MS,
  SimulatedKeeper,
  type Start,
  type Tenure,
  type World,
} from './simulated-keeper.js';
import { jitter, lifeMs, promptWorld, timing, troubledWorld } from './simulated-world.js';

const MINUTE_MS = 60_000;
const YEAR_MS = 365 * 24 * 60 * MINUTE_MS;
/** What one case can afford: a year has fewer where tokens live longer than two days. */
const MAX_ATTEMPTS = 20;
/** The longest hold of all. */
const LONGEST_HOLD_MS = RETRY_AFTER_MAX_MS + RETRY_AFTER_JITTER_MAX_MS;
/** That, and the attempts around it. */
const FRESH_AGAIN_WITHIN_MS = LONGEST_HOLD_MS + 2 * MINUTE_MS;

describe('a refresh', () => {
  it(
    'is due in the token’s life, before its smallest lead, unless the token is too young by then',
    () =>
      holds(
        fc.property(lifeMs, timing, jitter, (life, wished, draw) => {
          const expiresAtMs = NOW + life;
          const drawn = { timing: wished, spendsToken: false, jitter: draw };
          const fresh = token({ expiresAtMs });
          const dueAtMs = refreshDueAtMs(fresh, wished, refreshLeadMs(fresh, drawn));
          const smallestLead = Math.min(wished.leadMs ?? LEAD_MIN_MS, life / 2);
          const oldEnoughAtMs = NOW + (wished.minimumAgeMs ?? 0);
          expect(Number.isSafeInteger(dueAtMs)).toBe(true);
          expect(dueAtMs).toBeGreaterThanOrEqual(Math.max(NOW, oldEnoughAtMs));
          expect(dueAtMs).toBeLessThanOrEqual(Math.max(expiresAtMs - smallestLead, oldEnoughAtMs));
        }),
      ),
    PROPERTY_TIMEOUT_MS,
  );

  it(
    'that failed is tried again after a bounded delay, however often it failed before',
    () =>
      holds(
        fc.property(attempts, jitter, fc.boolean(), (attempt, draw, tokenIsValid) => {
          const retryMs = retryDelayMs({ attempt, jitter: draw, tokenIsValid });
          const rejectedMs = clientRejectedDelayMs(attempt, draw);
          expect([retryMs, rejectedMs].every((ms) => Number.isSafeInteger(ms))).toBe(true);
          expect(retryMs).toBeGreaterThanOrEqual(RETRY_FIRST_MS / 2);
          expect(retryMs).toBeLessThanOrEqual(RETRY_MAX_AFTER_EXPIRY_MS);
          expect(rejectedMs).toBeGreaterThanOrEqual(retryMs / 10);
          expect(rejectedMs).toBeLessThanOrEqual(CLIENT_REJECTED_MAX_MS);
        }),
      ),
    PROPERTY_TIMEOUT_MS,
  );
});

describe('over simulated years, with a provider that answers every request', () => {
  it(
    'no token ends before its successor is there, where its life leaves room for the answer',
    () =>
      holds(
        fc.property(promptWorld, (world) => {
          const { tenures, unusableDelays, starts } = lived(world);
          expect(tenures.filter((tenure) => isNeedlessGap(tenure, world))).toEqual([]);
          expect(unusableDelays).toEqual([]);
          expect(starts.filter(isTooSoon)).toEqual([]);
        }),
      ),
    PROPERTY_TIMEOUT_MS,
  );
});

describe('over simulated years of failures, outages, dead workers and forces', () => {
  it(
    'every delay is positive and bounded, and nothing is asked in a hot loop',
    () =>
      holds(
        fc.property(troubledWorld, (world) => {
          const { unusableDelays, starts, longestRetryMs } = lived(world);
          expect(unusableDelays).toEqual([]);
          expect(starts.filter(isTooSoon)).toEqual([]);
          expect(longestRetryMs).toBeLessThanOrEqual(LONGEST_HOLD_MS);
        }),
      ),
    PROPERTY_TIMEOUT_MS,
  );

  it(
    'the credential is fresh again soon after, by itself or with new material where it had failed',
    () =>
      holds(
        fc.property(troubledWorld, (world) => {
          const keeper = new SimulatedKeeper(world);
          keeper.liveUntil(({ isPastItsFates }) => isPastItsFates);
          while (keeper.state.status === 'failed') {
            keeper.reauthorize();
            keeper.liveUntil(({ isPastItsFates }) => isPastItsFates);
          }
          const oldEnoughAtMs =
            (keeper.state.token?.issuedAtMs ?? 0) + (world.spec.timing.minimumAgeMs ?? 0);
          keeper.liveUntil(({ state, nowMs }) => keeperStatus(state, nowMs) === 'fresh');
          const latestMs = Math.max(keeper.fatedUntilMs, oldEnoughAtMs) + FRESH_AGAIN_WITHIN_MS;
          expect(keeperStatus(keeper.state, keeper.nowMs)).toBe('fresh');
          expect(keeper.nowMs).toBeLessThanOrEqual(latestMs);
        }),
      ),
    PROPERTY_TIMEOUT_MS,
  );
});

const attempts = fc.oneof(
  fc.integer({ min: 1, max: 100 }),
  fc.maxSafeNat(),
  fc.constantFrom(2 ** 53, Number.MAX_VALUE, Infinity),
);

function lived(world: World): SimulatedKeeper {
  const keeper = new SimulatedKeeper(world);
  keeper.liveUntil(
    ({ attempts: made, nowMs }) => made >= MAX_ATTEMPTS || nowMs >= BORN_AT_MS + YEAR_MS,
  );
  return keeper;
}

/** A gap although the answer took less time than the policy could leave for it. */
function isNeedlessGap(tenure: Tenure, world: World): boolean {
  const { expiresAtMs, issuedAtMs } = tenure.token;
  const { timing: wished } = world.spec;
  const answerMs = tenure.untilMs - tenure.refreshedFromMs;
  const lifetimeMs = expiresAtMs - issuedAtMs;
  const earliestMs = Math.max(
    UNFORCED_SPACING_MS,
    wished.minimumAgeMs ?? 0,
    tenure.adoptedAtMs - issuedAtMs,
  );
  const drawn = { timing: wished, spendsToken: false, jitter: 0 };
  const roomMs = Math.min(refreshLeadMs(tenure.token, drawn), lifetimeMs - earliestMs);
  return answerMs < roomMs && tenure.untilMs >= expiresAtMs;
}

/** Sooner than the spacing after the start before it or, if a force alone made it, after the last such one. */
function isTooSoon(start: Start, index: number, starts: readonly Start[]): boolean {
  const isOfItsKind = (before: Start): boolean => !start.isForcedAlone || before.isForcedAlone;
  const spacingMs = start.isForcedAlone ? FORCED_SPACING_MS : UNFORCED_SPACING_MS;
  const before = starts.slice(0, index).findLast(isOfItsKind);
  return before !== undefined && start.atMs - before.atMs < spacingMs;
}
