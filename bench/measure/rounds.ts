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

/** Measures the sides in turn, A B A B, so that what changes on the machine meanwhile meets all of them. */
export async function interleaved(
  progress: Progress,
  rounds: number,
  sides: readonly Side[],
): Promise<readonly SideSamples[]> {
  const measured = sides.map(({ name }) => ({ side: name, samples: [] as Sample[] }));
  for (let round = 1; round <= rounds; round += 1) {
    for (const [index, { name, measure }] of sides.entries()) {
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
