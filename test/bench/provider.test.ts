import { beforeEach, describe, expect, it } from 'vitest';
import { firstRefreshToken, Grants } from '../../bench/provider/grants.js';

describe('the provider of the benchmarks', () => {
  let grants: Grants;
  beforeEach(() => {
    grants = new Grants();
  });

  it('takes each refresh token once', () => {
    const first = firstRefreshToken('acme/one');
    const { id, next } = grants.spend(first, 0);
    expect(id).toBe('acme/one');
    expect(grants.spend(first, 1)).toEqual({ id: 'acme/one' });
    expect(grants.spend(next ?? '', 2).next).toBeDefined();
  });

  it('within its grace window answers a spent token with the one that replaced it', () => {
    grants.graceMs = 100;
    const first = firstRefreshToken('acme/one');
    const { next } = grants.spend(first, 1_000);
    expect(grants.spend(first, 1_099).next).toBe(next);
    expect(grants.spend(first, 1_100)).toEqual({ id: 'acme/one' });
  });

  it('knows no token of others', () => {
    expect(grants.spend('something else', 0)).toEqual({ id: '' });
  });
});
