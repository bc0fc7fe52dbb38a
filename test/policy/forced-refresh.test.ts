import { describe, expect, it } from 'vitest';
import { defined } from '../../src/contract/defined.js';
import type { PendingForce } from '../../src/contract/keeper.js';
import type { CutWait } from '../../src/contract/messages.js';
import { withBegunRefresh } from '../../src/policy/begun-refresh.js';
import {
  survivesRefresh,
  forcedStartAtMs,
  nextStartAtMs,
  pendingForceAfter,
} from '../../src/policy/forced-refresh.js';
import { refreshDueAtMs } from '../../src/policy/refresh-time.js';
import { NOW, spec, state, token } from '../support/keeper-fixture.js';

const pending: PendingForce = { requestedAtMs: NOW, generation: 5 };

describe('a forced refresh', () => {
  it('is wanted when the caller names the current generation', () => {
    expect(pendingForceAfter(state(), { generation: 5 }, NOW)).toEqual(pending);
  });

  it('is not wanted when the keeper is already past the generation that the caller names', () => {
    expect(pendingForceAfter(state(), { generation: 4 }, NOW)).toBeUndefined();
    expect(pendingForceAfter(state(), { generation: 4, cuts: 'retry-after' }, NOW)).toBeUndefined();
  });

  it('is wanted when an operator names a later generation, as after a reset', () => {
    const found = { generation: 9, cuts: 'backoff' } as const;
    expect(pendingForceAfter(state(), found, NOW)).toEqual({ ...pending, ...found });
  });

  it('is not wanted when a service names a generation that is not yet made: copies of what was sealed before a new start are of such', () => {
    const wanted = state({ wantedSinceMs: NOW - 60_000 });
    for (const generation of [7, 9]) {
      expect(pendingForceAfter(state(), { generation }, NOW)).toBeUndefined();
      expect(pendingForceAfter(wanted, { generation }, NOW)).toBeUndefined();
    }
    expect(pendingForceAfter(state(), { generation: 6 }, NOW)).toBeUndefined();
  });

  it('is one refresh however often it is asked for, and keeps the earliest time', () => {
    const once = state({ pendingForce: pending });
    expect(pendingForceAfter(once, { generation: 5 }, NOW + 5_000)).toEqual(pending);
  });

  it('adds nothing to a refresh that is wanted already, so that readers who wait do not defeat its backoff', () => {
    const wanted = state({ wantedSinceMs: NOW - 60_000 });
    expect(pendingForceAfter(wanted, { generation: 5 }, NOW)).toBeUndefined();
  });

  it('cuts the backoff of a refresh that is wanted already when an operator forces it', () => {
    const wanted = state({ wantedSinceMs: NOW - 60_000 });
    expect(pendingForceAfter(wanted, { generation: 5, cuts: 'backoff' }, NOW)).toEqual({
      ...pending,
      cuts: 'backoff',
    });
  });

  it('cuts as much as the strongest of its callers may', () => {
    const once = state({ pendingForce: { ...pending, cuts: 'backoff' } });
    const cutsAfter = (cuts?: CutWait): CutWait | undefined =>
      pendingForceAfter(once, { generation: 5, ...(cuts && { cuts }) }, NOW)?.cuts;
    expect(cutsAfter()).toBe('backoff');
    expect(cutsAfter('retry-after')).toBe('retry-after');
    const twice = state({ pendingForce: { ...pending, cuts: 'retry-after' } });
    expect(pendingForceAfter(twice, { generation: 5, cuts: 'backoff' }, NOW)?.cuts).toBe(
      'retry-after',
    );
  });

  it('outlives the refresh under way when somebody already found its token wanting', () => {
    const underWay = state({ pendingForce: pending, wantedSinceMs: NOW });
    const named = pendingForceAfter(underWay, { generation: 6 }, NOW);
    expect(named?.generation).toBe(6);
    expect(survivesRefresh(named, 6)).toBe(true);
    expect(survivesRefresh(pending, 6)).toBe(false);
    expect(survivesRefresh({ ...pending, generation: 5 }, 6)).toBe(false);
    // A generation far above is one from before a reset: then one refresh is enough.
    expect(survivesRefresh({ ...pending, generation: 9 }, 6)).toBe(false);
  });

  it('starts at once, but at least 10 s after the last forced one', () => {
    expect(forcedStartAtMs(state({ pendingForce: pending }))).toBe(NOW);
    expect(forcedStartAtMs(state({ pendingForce: pending, lastForcedAtMs: NOW - 4_000 }))).toBe(
      NOW + 6_000,
    );
    expect(forcedStartAtMs(state())).toBeUndefined();
  });

  it('is not put off by what was dated while the server’s clock ran a day ahead', () => {
    const aDayLater = NOW + 86_400_000;
    const ahead = state({
      token: token({ issuedAtMs: aDayLater, expiresAtMs: aDayLater + 1_800_000 }),
      lastForcedAtMs: aDayLater,
      pendingForce: { requestedAtMs: aDayLater, generation: 5 },
    });
    const pendingForce = pendingForceAfter(ahead, { generation: 5 }, NOW);
    expect(nextStartAtMs({ ...ahead, ...defined({ pendingForce }) })).toBe(NOW + 10_000);
  });

  it('holds back no later one where it began a refresh that was due anyway, but where it cut a wait', () => {
    const forced = state({ pendingForce: pending });
    expect(withBegunRefresh(forced, NOW).state.lastForcedAtMs).toBe(NOW);
    const due = { ...forced, nextRefreshAtMs: NOW - 1, lastRefreshStartedAtMs: NOW - 60_000 };
    expect(withBegunRefresh(due, NOW).state.lastForcedAtMs).toBeUndefined();
    const retried = { ...due, wantedSinceMs: NOW - 60_000 };
    expect(withBegunRefresh(retried, NOW).state.lastForcedAtMs).toBe(NOW);
  });

  it('waits until the provider accepts the age of the token', () => {
    const young = spec({ timing: { minimumAgeMs: 86_400_000 } });
    expect(forcedStartAtMs(state({ pendingForce: pending, spec: young }))).toBe(NOW + 86_400_000);
  });

  it('starts before the unforced one that is due later', () => {
    expect(nextStartAtMs(state({ pendingForce: pending }))).toBe(NOW);
    expect(nextStartAtMs(state())).toBe(NOW + 1_600_000);
  });
});

describe('the next refresh', () => {
  it('is never due in the past and again at once, however short a life the provider claims', () => {
    for (const lifeMs of [-1, 0, 1, 999]) {
      const dead = token({ issuedAtMs: NOW, expiresAtMs: NOW + lifeMs });
      const nextRefreshAtMs = refreshDueAtMs(dead, {}, 30_000);
      const after = state({ token: dead, nextRefreshAtMs, lastRefreshStartedAtMs: NOW });
      expect(nextStartAtMs(after)).toBe(NOW + 10_000);
    }
  });
});
