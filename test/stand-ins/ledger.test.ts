import { describe, expect, it } from 'vitest';
import { SecretLedger } from '../../src/stand-ins/ledger.js';

describe('a ledger of secrets', () => {
  it('ends the successors of a spent secret that is presented again', () => {
    const ledger = new SecretLedger('strict');
    const first = ledger.issue('first');
    expect(ledger.spend(first, 0)).toBe(true);
    const second = ledger.succeed(first, 'second');
    expect(ledger.spend(second, 1)).toBe(true);
    const third = ledger.succeed(second, 'third');
    expect(ledger.spend(first, 2)).toBe(false);
    expect(ledger.spend(third, 3)).toBe(false);
  });

  it('leaves the secrets of other logins alone', () => {
    const ledger = new SecretLedger('strict');
    const [ours, theirs] = [ledger.issue('ours'), ledger.issue('theirs')];
    ledger.spend(ours, 0);
    ledger.succeed(ours, 'next');
    expect(ledger.spend(ours, 1)).toBe(false);
    expect(ledger.spend(theirs, 2)).toBe(true);
  });

  it('ends no successor while a grace window lets the spent secret live', () => {
    const ledger = new SecretLedger({ graceMs: 10 });
    const first = ledger.issue('first');
    ledger.spend(first, 0);
    const second = ledger.succeed(first, 'second');
    expect(ledger.spend(first, 9)).toBe(true);
    expect(ledger.spend(second, 9)).toBe(true);
    expect(ledger.spend(first, 10)).toBe(false);
  });
});
