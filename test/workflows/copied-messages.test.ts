import { describe, expect, it } from 'vitest';
import { Keeper } from '../../src/workflows/keeper.js';
import { NOW, state } from '../support/keeper-fixture.js';

describe('a copy of an operator’s message', () => {
  it('moves no keeper that was moved back to its journal since', () => {
    const keeper = new Keeper(state({ journalId: 'a' }), false);
    const moved = { from: 'a', to: 'b', wantedAtMs: NOW };
    expect(keeper.moveJournal(moved, NOW)).toBe('b');
    expect(keeper.moveJournal({ from: 'b', to: 'a', wantedAtMs: NOW + 1 }, NOW + 1)).toBe('a');
    expect(keeper.moveJournal(moved, NOW + 2_000)).toBeUndefined();
    expect(keeper.state.journalId).toBe('a');
  });

  it('makes no further request past a Retry-After', () => {
    const keeper = new Keeper(state(), false);
    const force = { unusableGeneration: 5, cuts: 'retry-after', wantedAtMs: NOW } as const;
    let forced = 0;
    let nowMs = NOW;
    keeper.force(force, nowMs);
    for (let times = 0; times < 10; times += 1) {
      nowMs += 11_000;
      const begun = keeper.begin(nowMs);
      if (begun.reason === 'forced-now') forced += 1;
      keeper.cut(begun, nowMs + 100);
      keeper.force(force, nowMs + 200);
    }
    expect(forced).toBe(1);
  });

  it('is none where an operator forces again', () => {
    const keeper = new Keeper(state(), false);
    keeper.force({ unusableGeneration: 5, cuts: 'backoff', wantedAtMs: NOW }, NOW);
    keeper.begin(NOW);
    keeper.force(
      { unusableGeneration: 5, cuts: 'retry-after', wantedAtMs: NOW + 20_000 },
      NOW + 20_000,
    );
    expect(keeper.begin(NOW + 20_000).reason).toBe('forced-now');
  });
});
