import type { SideSamples } from './rounds.js';
import { summary, type Summary } from './statistics.js';

/** A thing that is measured of every side. */
export interface Metric {
  /** Its key in the samples. */
  readonly key: string;
  /** What people read. */
  readonly title: string;
  readonly unit: string;
  readonly better: 'more' | 'less';
}

/** Values of one side, one a round. */
export interface SideValues extends Summary {
  readonly side: string;
  readonly values: readonly number[];
}

/** How one side does against another in the same round. */
export interface Ratio extends Summary {
  readonly of: string;
  readonly against: string;
  readonly values: readonly number[];
}

/** One metric of several sides. */
export interface Comparison extends Metric {
  readonly sides: readonly SideValues[];
  readonly ratios: readonly Ratio[];
}

/**
 * Compares the sides by each metric that they have; ratios are against `base`, round by round. What a round could not
 * measure is left out.
 */
export function compare(
  measured: readonly SideSamples[],
  metrics: readonly Metric[],
  base?: string,
): readonly Comparison[] {
  return metrics.flatMap((metric) => {
    const all = measured.map(({ side, samples }) => ({
      side,
      byRound: samples.map((sample) => sample[metric.key] ?? Number.NaN),
    }));
    const sides = all.flatMap(({ side, byRound }) => {
      const values = byRound.filter(Number.isFinite);
      return values.length === 0 ? [] : [{ side, values, ...summary(values) }];
    });
    const against = all.find(({ side }) => side === base);
    const ratios = all.flatMap((side) =>
      against === undefined || side === against ? [] : ratio(side, against),
    );
    return sides.length === 0 ? [] : [{ ...metric, sides, ratios }];
  });
}

interface SideRounds {
  readonly side: string;
  /** NaN where a round has no value. */
  readonly byRound: readonly number[];
}

function ratio(of: SideRounds, against: SideRounds): readonly Ratio[] {
  const values = of.byRound
    .map((value, round) => value / (against.byRound[round] ?? Number.NaN))
    .filter(Number.isFinite);
  if (values.length === 0) return [];
  return [{ of: of.side, against: against.side, values, ...summary(values) }];
}

/** Median of the ratio of one side in a metric; NaN where there is none. */
export function ratioOf(comparisons: readonly Comparison[], key: string, of: string): number {
  const comparison = comparisons.find((candidate) => candidate.key === key);
  return comparison?.ratios.find((candidate) => candidate.of === of)?.median ?? Number.NaN;
}

/** Greatest value of any side in a metric, of all rounds. */
export function greatestOf(comparisons: readonly Comparison[], key: string): number {
  const comparison = comparisons.find((candidate) => candidate.key === key);
  return Math.max(...(comparison?.sides ?? []).map(({ high }) => high));
}

/** Median of one side in a metric; NaN where there is none. */
export function medianOf(comparisons: readonly Comparison[], key: string, side: string): number {
  const comparison = comparisons.find((candidate) => candidate.key === key);
  return comparison?.sides.find((candidate) => candidate.side === side)?.median ?? Number.NaN;
}
