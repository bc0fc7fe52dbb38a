import { describe, expect, it } from 'vitest';
import { specAfter } from '../../src/policy/adopted-material.js';
import { settlesAnew } from '../../src/policy/published-answer.js';
import { result, spec } from '../support/keeper-fixture.js';

describe('the credential after a refresh', () => {
  it('has the new material, and nothing for its keeper to publish about its settings', () => {
    const before = spec();
    const after = specAfter(before, result());
    expect(after.material).toEqual({ refreshToken: 'refresh-6', clientSecret: 'secret-1' });
    expect(settlesAnew(before, after)).toBe(false);
  });

  it('is of the later login that the result descends from, and its keeper publishes that', () => {
    const before = spec();
    const after = specAfter(before, result({ lineage: 'f-refresh-2', epoch: 2 }));
    expect(after.fingerprints).toEqual({ ...before.fingerprints, refreshToken: 'f-refresh-2' });
    expect(settlesAnew(before, after)).toBe(true);
  });
});
