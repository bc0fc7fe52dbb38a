import { describe, expect, it } from 'vitest';
import { compare, medianOf, ratioOf } from '../../bench/measure/comparison.js';
import { quantile, rankCorrelation, summary } from '../../bench/measure/statistics.js';

describe('the statistics of the benchmarks', () => {
  it('take the middle of an odd number of values, and the mean of the middle two of an even one', () => {
    expect(summary([9, 1, 5])).toEqual({ median: 5, low: 1, high: 9 });
    expect(quantile([4, 1, 3, 2], 0.5)).toBe(2.5);
  });

  it('interpolate percentiles between the values that there are', () => {
    expect(quantile([0, 10], 0.99)).toBeCloseTo(9.9);
  });

  it('say that there is no figure where there is no value', () => {
    expect(quantile([], 0.5)).toBeNaN();
  });

  it('find the same order, the reverse, and equal values', () => {
    const pairs = [1, 2, 3, 4].map((value): [number, number] => [value, value * 10]);
    expect(rankCorrelation(pairs)).toBeCloseTo(1);
    expect(rankCorrelation(pairs.map(([left, right]) => [left, -right]))).toBeCloseTo(-1);
    expect(
      rankCorrelation([
        [1, 5],
        [2, 5],
        [3, 6],
      ]),
    ).toBeCloseTo(0.866, 2);
  });
});

describe('a comparison', () => {
  const turns = { key: 'turns', title: 'Turns', unit: 'per second', better: 'more' } as const;
  const samples = [
    { side: 'bare', samples: [{ turns: 10 }, { turns: 20 }, { turns: 40 }] },
    { side: 'keeper', samples: [{ turns: 9 }, { turns: 10 }, { turns: 36 }] },
  ];

  it('takes its ratio within each round, so that what slows both sides down does not count', () => {
    const [comparison] = compare(samples, [turns], 'bare');
    expect(comparison?.ratios).toEqual([
      { of: 'keeper', against: 'bare', values: [0.9, 0.5, 0.9], median: 0.9, low: 0.5, high: 0.9 },
    ]);
  });

  it('keeps every value beside its median', () => {
    const comparisons = compare(samples, [turns], 'bare');
    expect(comparisons[0]?.sides[0]?.values).toEqual([10, 20, 40]);
    expect(medianOf(comparisons, 'turns', 'keeper')).toBe(10);
    expect(ratioOf(comparisons, 'turns', 'keeper')).toBe(0.9);
  });

  it('leaves out what a round could not measure, and compares the other rounds', () => {
    const [comparison] = compare(
      [
        { side: 'bare', samples: [{ turns: 10 }, { turns: 20 }] },
        { side: 'keeper', samples: [{ turns: Number.NaN }, { turns: 10 }] },
      ],
      [turns],
      'bare',
    );
    expect(comparison?.sides[1]).toMatchObject({ side: 'keeper', values: [10], median: 10 });
    expect(comparison?.ratios[0]?.values).toEqual([0.5]);
  });

  it('leaves out a metric that no side has, and a side that lacks it', () => {
    const late = { key: 'late', title: 'Lateness', unit: 'ms', better: 'less' } as const;
    expect(compare(samples, [late], 'bare')).toEqual([]);
    const [comparison] = compare([...samples, { side: 'other', samples: [{}] }], [turns]);
    expect(comparison?.sides.map(({ side }) => side)).toEqual(['bare', 'keeper']);
  });
});
