import { describe, expect, it } from 'vitest';
import { secretUse } from '../../src/policy/secret-rules.js';

const RULES = [
  { secret: 'EVERTOKEN_SECRET_ACME', scope: 'acme/', host: 'auth.acme.example' },
  { secret: 'EVERTOKEN_SECRET_ACME', scope: 'acme/', host: 'backup.acme.example' },
  { secret: 'EVERTOKEN_SECRET_SHARED_*', scope: '*' },
  { secret: 'file:one', scope: 'partners/one' },
];

describe('a secret of the worker', () => {
  it('is everybody’s where no rule says otherwise', () => {
    expect(secretUse(undefined, 'EVERTOKEN_SECRET_ACME', 'other/x')).toEqual({ mayUse: true });
  });

  it('goes to the hosts of all its rules together', () => {
    expect(secretUse(RULES, 'EVERTOKEN_SECRET_ACME', 'acme/billing')).toEqual({
      mayUse: true,
      hosts: ['auth.acme.example', 'backup.acme.example'],
    });
  });

  it.each([
    ['EVERTOKEN_SECRET_ACME', 'acme'],
    ['EVERTOKEN_SECRET_ACME', 'acme2/billing'],
    ['EVERTOKEN_SECRET_ACME_2', 'acme/billing'],
    ['file:one', 'partners/one/below'],
    ['file:two', 'partners/one'],
  ])('is refused to whom no rule names: %s for %s', (secret, id) => {
    expect(secretUse(RULES, secret, id)).toEqual({ mayUse: false });
  });

  it('without a host in one of its rules may go anywhere', () => {
    expect(secretUse(RULES, 'EVERTOKEN_SECRET_SHARED_A', 'any')).toEqual({ mayUse: true });
    expect(secretUse(RULES, 'file:one', 'partners/one')).toEqual({ mayUse: true });
  });
});
