import { describe, expect, it } from 'vitest';
import { fleetPlan } from '../../src/policy/fleet-plan.js';
import {
  CACHED_KEEPER_BYTES,
  DATABASE_BYTES_PER_REFRESH,
  MEASURED_KEEPERS,
  SERVER_MS_PER_REFRESH,
  WORKER_BYTES,
  WORKER_MS_PER_REFRESH,
} from '../../src/policy/measured-costs.js';
import { PLANNED_KEEPER_MEMORY_BYTES, PLANNED_LOAD } from '../../src/policy/fleet-numbers.js';

const HOUR_MS = 3_600_000;
const DAY_S = 86_400;

describe('the plan of a fleet', () => {
  it('counts the refreshes of an hour’s token: every 54.5 minutes with the mean jitter of its lead', () => {
    const { refreshesPerSecond } = fleetPlan({ credentials: 3_270, lifetimeMs: HOUR_MS });
    expect(refreshesPerSecond).toBeCloseTo(1, 6);
  });

  it('counts the refreshes of a token that renews itself: at 55 % of its life with the mean jitter', () => {
    const size = { credentials: 1_980, lifetimeMs: HOUR_MS, spendsToken: true };
    expect(fleetPlan(size).refreshesPerSecond).toBeCloseTo(1, 6);
  });

  it('never has a keeper refresh more than every 10 s, however short its tokens live', () => {
    expect(fleetPlan({ credentials: 10, lifetimeMs: 1_000 }).refreshesPerSecond).toBe(1);
  });

  it('needs one worker that remembers all keepers, where these are few', () => {
    const plan = fleetPlan({ credentials: 100, lifetimeMs: HOUR_MS });
    expect(plan).toMatchObject({ workers: 1, isEvicted: false, serverCores: 1 });
    expect(plan.workerMemoryBytes).toBe(WORKER_BYTES + 100 * CACHED_KEEPER_BYTES);
  });

  it('has enough workers and server cores that refreshes take no more than the planned load', () => {
    const plan = fleetPlan({ credentials: 1_000_000, lifetimeMs: HOUR_MS });
    const busyCores = (plan.refreshesPerSecond * WORKER_MS_PER_REFRESH) / 1_000;
    expect(plan.workers * PLANNED_LOAD).toBeGreaterThan(busyCores);
    expect(plan.serverCores * PLANNED_LOAD * 1_000).toBeGreaterThanOrEqual(
      plan.refreshesPerSecond * SERVER_MS_PER_REFRESH,
    );
  });

  it('gives no worker more keepers than fit into its memory, and counts all as evicted where some are', () => {
    const plan = fleetPlan({ credentials: 1_000_000, lifetimeMs: HOUR_MS });
    expect(plan.isEvicted).toBe(true);
    expect(plan.workerMemoryBytes).toBeLessThanOrEqual(WORKER_BYTES + PLANNED_KEEPER_MEMORY_BYTES);
  });

  it('counts none as evicted while each worker remembers its part of the fleet', () => {
    const perWorker = Math.floor(PLANNED_KEEPER_MEMORY_BYTES / CACHED_KEEPER_BYTES);
    const fitting = fleetPlan({ credentials: perWorker, lifetimeMs: 12 * HOUR_MS });
    const oneMore = fleetPlan({ credentials: perWorker + 1, lifetimeMs: 12 * HOUR_MS });
    expect([fitting.isEvicted, oneMore.isEvicted]).toEqual([false, true]);
  });

  it('needs more workers for keepers that are evicted than for the same refreshes of few keepers', () => {
    const many = fleetPlan({ credentials: 1_000_000, lifetimeMs: 10 * HOUR_MS });
    const few = fleetPlan({ credentials: 1_000, lifetimeMs: 66_000 });
    expect(few.refreshesPerSecond).toBeGreaterThan(many.refreshesPerSecond);
    expect(few.workers).toBeLessThan(many.workers);
  });

  it('counts the database with a week of retention and the runs that are open', () => {
    const { databaseBytes } = fleetPlan({ credentials: 3_270, lifetimeMs: HOUR_MS });
    const refreshes = 7 * DAY_S + 3_270 * 10;
    expect(databaseBytes).toBeCloseTo(refreshes * DATABASE_BYTES_PER_REFRESH, -1);
  });

  it('counts two actions a refresh and one for each run of twenty, over 30 days', () => {
    const { actionsPerMonth } = fleetPlan({ credentials: 3_270, lifetimeMs: HOUR_MS });
    expect(actionsPerMonth).toBeCloseTo(30 * DAY_S * 2.05, 0);
  });

  it('counts the ends of runs that are old before they are full: a run a week, and the sleep that each cuts', () => {
    const { actionsPerMonth } = fleetPlan({ credentials: 1_000, lifetimeMs: 60 * 24 * HOUR_MS });
    const refreshes = (1_000 * 30) / 60;
    expect(actionsPerMonth).toBeCloseTo(refreshes * 2 + (1_000 * 2 * 30) / 7, -1);
  });

  it('says so where it is calculated beyond what was measured: more keepers, or more refreshes a second', () => {
    const measured = { credentials: MEASURED_KEEPERS, lifetimeMs: 12 * HOUR_MS };
    expect(fleetPlan(measured).isBeyondMeasured).toBe(false);
    expect(fleetPlan({ ...measured, credentials: MEASURED_KEEPERS + 1 }).isBeyondMeasured).toBe(
      true,
    );
    expect(fleetPlan({ ...measured, lifetimeMs: 20_000 }).isBeyondMeasured).toBe(true);
  });
});
