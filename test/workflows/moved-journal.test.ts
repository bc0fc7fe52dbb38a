import { expect, it } from 'vitest';
import { Keeper } from '../../src/workflows/keeper.js';
import { NOW, result, state } from '../support/keeper-fixture.js';

it('a keeper that was moved to another journal stays with it, whatever comes of a refresh that was on its way', () => {
  const keeper = new Keeper(state({ journalId: 'old' }), false);
  keeper.begin(NOW);
  const move = { from: 'old', to: 'new', wantedAtMs: NOW + 1 };
  expect(keeper.moveJournal(move, NOW + 1)).toBe('new');
  keeper.succeed(result({ journalId: 'old' }), NOW + 2);
  expect(keeper.state).toMatchObject({ journalId: 'new', generation: 6 });
});

it('a keeper that knows no journal yet uses the one that its first result is recorded in', () => {
  const { journalId: _none, ...first } = state();
  const keeper = new Keeper(first, false);
  keeper.begin(NOW);
  keeper.succeed(result({ replacedMaterial: {}, journalId: 'first' }), NOW + 1);
  expect(keeper.state.journalId).toBe('first');
});

it('a keeper that knows no journal yet stays with the one in which a request of its first refresh is recorded, also if that is cut', () => {
  const { journalId: _none, ...first } = state();
  const keeper = new Keeper(first, false);
  const begun = keeper.begin(NOW);
  keeper.isRefreshing = true;
  keeper.delayed('first');
  keeper.cut(begun, NOW + 1);
  keeper.delayed('second');
  expect(keeper.state.journalId).toBe('first');
});

it('a keeper takes no word of a journal while no refresh is under way', () => {
  const { journalId: _none, ...first } = state();
  const keeper = new Keeper(first, false);
  keeper.delayed('first');
  expect(keeper.state).not.toHaveProperty('journalId');
});

it('a keeper that uses no journal, as after a reset, is not told to have left one', () => {
  const { journalId: _none, ...first } = state();
  const keeper = new Keeper(first, false);
  expect(keeper.moveJournal({ from: 'old', to: 'new', wantedAtMs: NOW }, NOW)).toBeUndefined();
  expect(keeper.state).not.toHaveProperty('journalId');
  expect(keeper.moveJournal({ to: 'new', wantedAtMs: NOW + 1 }, NOW + 1)).toBe('new');
});
