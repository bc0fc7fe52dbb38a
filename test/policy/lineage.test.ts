import { describe, expect, it } from 'vitest';
import { isOfReplacedLogin, relationTo } from '../../src/policy/lineage.js';

const of = (lineage: string, ...earlier: [string, number][]) => ({
  lineage,
  epoch: 1,
  earlierLogins: earlier.map(([login, replacedAtMs]) => ({ lineage: login, replacedAtMs })),
});

describe('a result', () => {
  it('is of a replaced login where the keeper was re-authorized while it was on its way', () => {
    expect(isOfReplacedLogin(of('a'), of('b', ['a', 1_000]))).toBe(true);
    for (const replacedAtMs of [500, 1_000]) {
      const result = of('a', ['b', replacedAtMs]);
      expect(isOfReplacedLogin(result, of('b', ['a', 1_000]))).toBe(true);
    }
  });

  it('is of the newest login where an operator returned to it after the keeper forgot', () => {
    expect(isOfReplacedLogin(of('a', ['b', 2_000]), of('b', ['a', 1_000]))).toBe(false);
  });

  it('is of the keeper’s own login, or of one that it does not know', () => {
    expect(isOfReplacedLogin(of('a'), of('a', ['b', 1_000]))).toBe(false);
    expect(isOfReplacedLogin(of('c', ['b', 2_000]), of('b', ['a', 1_000]))).toBe(false);
  });
});

describe('an operator’s return to a replaced login', () => {
  it('makes that the newest one, unless its application is not later than the journal’s', () => {
    const entry = { ...of('b', ['a', 1_000]), application: 7 };
    const relation = (application: number) =>
      relationTo(entry, { lineage: 'a', application, returns: true });
    expect([8, 7, 6].map(relation)).toEqual(['new', 'replaced', 'replaced']);
  });
});
