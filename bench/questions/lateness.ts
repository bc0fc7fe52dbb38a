import { REMEMBERED_LOOPS } from '../bare/parts.js';
import { rememberedKeepers } from '../fleet/remembered.js';
import { compare, medianOf, type Metric } from '../measure/comparison.js';
import { interleaved } from '../measure/rounds.js';
import type { Check, Question, Size } from '../question.js';
import { figure } from '../report/figures.js';
import type { FleetSize } from './lateness/schedule.js';
import { bareLateness, keeperLateness } from './lateness/sides.js';

/** How much later than a bare timer a refresh may begin, at the 99th percentile. */
const LATER_MS = 50;

/** Lives are such that a server of two cores has time to spare, and periods are longer than windows. */
const FLEETS: Readonly<Record<Size, readonly FleetSize[]>> = {
  quick: [{ keepers: 60, lifetimeSeconds: 120, windowMs: 30_000 }],
  medium: [{ keepers: 1_000, lifetimeSeconds: 300, windowMs: 120_000 }],
  full: [
    { keepers: 1_000, lifetimeSeconds: 300, windowMs: 120_000 },
    { keepers: 10_000, lifetimeSeconds: 2_400, windowMs: 300_000 },
  ],
};

const BARE = 'bare timers';
const KEEPERS = 'keepers';

const METRICS: readonly Metric[] = [
  { key: 'p50', title: 'Lateness, median', unit: 'ms', better: 'less' },
  { key: 'p99', title: 'Lateness, 99th percentile', unit: 'ms', better: 'less' },
  { key: 'seen', title: 'Refreshes that were looked at', unit: 'refreshes', better: 'more' },
];

/** How late refreshes begin. */
export const latenessQuestion: Question = {
  name: 'lateness',
  title: 'Lateness of refreshes',
  asks: 'From the time that the keeper itself names as its next refresh until its request reaches the provider, against bare loops whose activity asks the same provider, with as many of them and as many turns a second. All sleep before the first is due, and each is due at a random moment.',
  rounds: { quick: 1, medium: 1, full: 3 },
  limitMinutes: { quick: 10, medium: 30, full: 240 },
  run: async (context) => {
    const compared = [];
    for (const size of FLEETS[context.size]) {
      const samples = await interleaved(context.progress, context.rounds, [
        { name: BARE, measure: () => bareLateness(context, size) },
        { name: KEEPERS, measure: (round) => keeperLateness(context, size, round) },
      ]);
      compared.push({ size, comparisons: compare(samples, METRICS) });
    }
    return {
      comparisons: compared.flatMap(({ size, comparisons }) =>
        comparisons.map((comparison) => ({
          ...comparison,
          title: `${comparison.title}, ${size.keepers} keepers`,
        })),
      ),
      checks: compared.map(({ size, comparisons }): Check => {
        const bare = medianOf(comparisons, 'p99', BARE);
        const keepers = medianOf(comparisons, 'p99', KEEPERS);
        return {
          promise: `${size.keepers} keepers: p99 at most ${LATER_MS} ms above bare timers`,
          seen: `${figure(keepers)} against ${figure(bare)} ms`,
          holds: keepers <= bare + LATER_MS,
        };
      }),
      notes: [memoryNote(Math.max(...FLEETS[context.size].map(({ keepers }) => keepers)))],
    };
  },
};

function memoryNote(keepers: number): string {
  const remembered = rememberedKeepers();
  const evicts = remembered < keepers;
  return (
    `The worker of the keepers remembers ${remembered} of them, its default here, so ` +
    `${evicts ? 'others are evicted, and replayed when they are due' : 'none is evicted'}; ` +
    `that of the bare loops remembers ${REMEMBERED_LOOPS}.`
  );
}
