import type { Progress } from './progress.js';

/** What one round found of one side, by metric. */
export type Sample = Readonly<Record<string, number>>;

/** One thing that is compared with others. */
export interface Side {
  readonly name: string;
  /** Measures it once. */
  readonly measure: (round: number) => Promise<Sample>;
}

/** Samples of one side, one a round. */
export interface SideSamples {
  readonly side: string;
  readonly samples: readonly Sample[];
}

/**
 * Measures the sides in turn, A B B A, so that what changes on the machine meanwhile meets all of them, and none is always the
 * one after another.
 */
export async function interleaved(
  progress: Pick<Progress, 'say'>,
  rounds: number,
  sides: readonly Side[],
): Promise<readonly SideSamples[]> {
  const measured = sides.map(({ name }) => ({ side: name, samples: [] as Sample[] }));
  for (let round = 1; round <= rounds; round += 1) {
    const inOrder = [...sides.entries()];
    for (const [index, { name, measure }] of round % 2 === 0 ? inOrder.reverse() : inOrder) {
      progress.say(`round ${round} of ${rounds}: ${name}`);
      const sample = await measure(round);
      measured[index]?.samples.push(sample);
      progress.say(`  ${sampleText(sample)}`);
    }
  }
  return measured;
}

function sampleText(sample: Sample): string {
  return Object.entries(sample)
    .map(([metric, value]) => `${metric} ${Number(value.toPrecision(3))}`)
    .join(', ');
}
