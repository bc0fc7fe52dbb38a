import { describe, expect, it } from 'vitest';
import { inTurn } from '../../src/worker/in-turn.js';

/** Steps that say when they begin and end; those that are named fail. */
function steps(names: readonly string[], broken: readonly string[]) {
  const said: string[] = [];
  const taken = names.map((name) => async () => {
    said.push(`${name} begins`);
    await Promise.resolve();
    said.push(`${name} ends`);
    if (broken.includes(name)) throw new Error(`${name} broke`);
  });
  return { said, taken };
}

describe('what a worker ends in turn', () => {
  it('is ended one after the other', async () => {
    const { said, taken } = steps(['health', 'journal'], []);
    await inTurn(taken);
    expect(said).toEqual(['health begins', 'health ends', 'journal begins', 'journal ends']);
  });

  it('is ended to the last although one breaks, and the first that broke is the cause', async () => {
    const { said, taken } = steps(['workers', 'health', 'journal'], ['workers', 'health']);
    await expect(inTurn(taken)).rejects.toThrow('workers broke');
    expect(said).toContain('journal ends');
  });
});
