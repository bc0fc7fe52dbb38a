import { describe, expect, it } from 'vitest';
import { satisfies, unsatisfiable } from '../../src/policy/validity.js';
import { NOW, state, token } from '../support/keeper-fixture.js';

describe('a token that a caller wants', () => {
  it('must live longer than asked for', () => {
    expect(satisfies(state(), { minValidityMs: 60_000 }, NOW)).toBe(true);
    expect(satisfies(state(), { minValidityMs: 60_000 }, NOW + 1_740_000)).toBe(false);
    expect(satisfies(state(), { minValidityMs: 0 }, NOW + 1_800_000)).toBe(false);
  });

  it('must be of a later generation than the one found wanting', () => {
    expect(satisfies(state(), { minValidityMs: 0, afterGeneration: 4 }, NOW)).toBe(true);
    expect(satisfies(state(), { minValidityMs: 0, afterGeneration: 5 }, NOW)).toBe(false);
  });

  it('does not exist before the first refresh', () => {
    const { token: _token, ...tokenless } = state();
    expect(satisfies(tokenless, { minValidityMs: 0 }, NOW)).toBe(false);
  });

  it('cannot live longer than a fresh one does', () => {
    expect(unsatisfiable(token(), { minValidityMs: 1_800_000 })).toContain('lifeMs=1800000');
    expect(unsatisfiable(token(), { minValidityMs: 1_799_999 })).toBeUndefined();
    expect(unsatisfiable(undefined, { minValidityMs: 1_800_000 })).toBeUndefined();
  });

  it.each([-1, Number.NaN, Number.POSITIVE_INFINITY])('cannot live %d ms', (minValidityMs) => {
    expect(unsatisfiable(token(), { minValidityMs })).toContain('minValidityMs');
  });
});
