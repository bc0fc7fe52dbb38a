import { expect, it } from 'vitest';
import { interleaved, type Side } from '../../bench/measure/rounds.js';

it('rounds turn the order of the sides, and each sample stays with its side', async () => {
  const order: string[] = [];
  const side = (name: string): Side => ({
    name,
    measure: (round) => {
      order.push(`${name}${round}`);
      return Promise.resolve({ round });
    },
  });
  const samples = [{ round: 1 }, { round: 2 }, { round: 3 }];
  expect(await interleaved({ say: () => undefined }, 3, [side('a'), side('b')])).toEqual([
    { side: 'a', samples },
    { side: 'b', samples },
  ]);
  expect(order).toEqual(['a1', 'b1', 'b2', 'a2', 'a3', 'b3']);
});
