import { describe, expect, it } from 'vitest';
import { IssuedSecrets } from '../../src/stand-ins/issued-secrets.js';

describe('a ledger of secrets', () => {
  it('ends the successors of a spent secret that is presented again', () => {
    const secrets = new IssuedSecrets('strict');
    const first = secrets.issue('first');
    expect(secrets.spend(first, 0)).toBe(true);
    const second = secrets.succeed(first, 'second');
    expect(secrets.spend(second, 1)).toBe(true);
    const third = secrets.succeed(second, 'third');
    expect(secrets.spend(first, 2)).toBe(false);
    expect(secrets.spend(third, 3)).toBe(false);
  });

  it('leaves the secrets of other logins alone', () => {
    const secrets = new IssuedSecrets('strict');
    const [ours, theirs] = [secrets.issue('ours'), secrets.issue('theirs')];
    secrets.spend(ours, 0);
    secrets.succeed(ours, 'next');
    expect(secrets.spend(ours, 1)).toBe(false);
    expect(secrets.spend(theirs, 2)).toBe(true);
  });

  it('ends no successor while a grace window lets the spent secret live', () => {
    const secrets = new IssuedSecrets({ graceMs: 10 });
    const first = secrets.issue('first');
    secrets.spend(first, 0);
    const second = secrets.succeed(first, 'second');
    expect(secrets.spend(first, 9)).toBe(true);
    expect(secrets.spend(second, 9)).toBe(true);
    expect(secrets.spend(first, 10)).toBe(false);
  });

  it('keeps no secret that has died, however long a stand-in runs', () => {
    const secrets = new IssuedSecrets('none');
    const seed = secrets.issue('seed');
    for (let nowMs = 0; nowMs < 50; nowMs += 1) {
      expect(secrets.spend(seed, nowMs)).toBe(true);
      secrets.issue(`token ${nowMs}`, nowMs + 10);
    }
    expect(secrets.size).toBe(1 + 10);
  });
});
