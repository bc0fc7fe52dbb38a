import { setTimeout as delay } from 'node:timers/promises';
import { BareLoops } from '../bare/bare-loops.js';
import { KeeperFleet } from '../fleet/keepers.js';
import { compare, medianOf, type Metric } from '../measure/comparison.js';
import { interleaved, type Sample } from '../measure/rounds.js';
import { quantile } from '../measure/statistics.js';
import { required } from '../measure/until.js';
import type { BenchContext, Check, Question } from '../question.js';
import { figure } from '../report/figures.js';

/** How much later than a bare timer a refresh may begin, at the 99th percentile. */
const LATER_MS = 50;
const WARM_UP_MS = 3_600_000;

/** Lives are such that a server of two cores has time to spare. */
const FLEETS = {
  quick: [{ keepers: 30, lifetimeSeconds: 40, windowMs: 30_000 }],
  medium: [{ keepers: 1_000, lifetimeSeconds: 300, windowMs: 120_000 }],
  full: [
    { keepers: 1_000, lifetimeSeconds: 300, windowMs: 120_000 },
    { keepers: 10_000, lifetimeSeconds: 2_400, windowMs: 300_000 },
  ],
} as const;

type FleetSize = (typeof FLEETS)[keyof typeof FLEETS][number];

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
  asks: 'From the time that the keeper itself names as its next refresh until its request reaches the provider, against bare loops whose activity asks the same provider, with as many of them and as many turns a second.',
  rounds: { quick: 1, medium: 1, full: 3 },
  limitMinutes: { quick: 8, medium: 60, full: 300 },
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
    };
  },
};

async function bareLateness(context: BenchContext, size: FleetSize): Promise<Sample> {
  const { server, folder, bareBundle, client, provider } = context;
  const loops = await BareLoops.open(server, folder, bareBundle, client, {
    periodMs: periodMs(size),
    parts: ['request'],
    url: provider.baseUrl,
  });
  try {
    const startedAt = await startSpread(size, () => loops.start(1));
    await untilDue(size, startedAt);
    context.progress.say(`${size.keepers} ${BARE}: looks for ${size.windowMs / 1_000} s`);
    await provider.takeRequests();
    await delay(size.windowMs);
    return sampleOf(
      (await provider.takeRequests()).flatMap(({ atMs, plannedMs }) =>
        plannedMs === undefined ? [] : [atMs - plannedMs],
      ),
    );
  } finally {
    await loops.close();
    await provider.takeRequests();
  }
}

async function keeperLateness(
  context: BenchContext,
  size: FleetSize,
  round: number,
): Promise<Sample> {
  const { server, folder, provider } = context;
  const fleet = await KeeperFleet.open(server, folder);
  try {
    await fleet.startWorker();
    const ids = Array.from(
      { length: size.keepers },
      (_, index) => `late/${size.keepers}/${round}/${index}`,
    );
    const startedAt = await startSpread(size, (index) =>
      fleet.apply([provider.credential(ids[index] ?? '', size)]),
    );
    await required(
      'a turn of every keeper',
      async () => (await provider.grantedCount()) >= size.keepers,
      WARM_UP_MS,
    );
    await untilDue(size, startedAt);
    await provider.takeRequests();
    const plans = new Map(await fleet.plannedRefreshes(ids));
    context.progress.say(`${size.keepers} ${KEEPERS}: looks for ${size.windowMs / 1_000} s`);
    await delay(size.windowMs);
    const requests = await provider.takeRequests();
    return sampleOf(
      requests.flatMap(({ id, atMs }) => {
        const planned = plans.get(id);
        // The one after it has another plan.
        plans.delete(id);
        return planned === undefined || planned > atMs ? [] : [atMs - planned];
      }),
    );
  } finally {
    await fleet.close();
    await provider.takeRequests();
  }
}

/**
 * Starts them at random moments of one period, so that from then on as many turn in each second as in any other. Evenly spread,
 * bare loops would never meet another one that is due, and keepers would, whose jitter spreads them at random anyway. Resolves
 * with the time of `performance.now()` at which it began.
 */
async function startSpread(
  size: FleetSize,
  start: (index: number) => Promise<void>,
): Promise<number> {
  const startedAt = performance.now();
  const moments = Array.from({ length: size.keepers }, () => Math.random() * periodMs(size));
  for (const [index, moment] of moments.sort((one, other) => one - other).entries()) {
    await delay(Math.max(startedAt + moment - performance.now(), 0));
    await start(index);
  }
  return startedAt;
}

/** Until the first of them turns again. */
function untilDue(size: FleetSize, startedAt: number): Promise<void> {
  return delay(Math.max(startedAt + periodMs(size) - performance.now(), 0));
}

/** Half of a short life, else all of it but the lead. */
function periodMs({ lifetimeSeconds }: FleetSize): number {
  const lifeMs = lifetimeSeconds * 1_000;
  const leadMs = Math.min(Math.max(lifeMs * 0.1, 30_000), 300_000);
  return lifeMs - Math.min(leadMs, lifeMs / 2);
}

function sampleOf(lateness: readonly number[]): Sample {
  if (lateness.length === 0) throw new Error('nothing was due while it was measured');
  return {
    p50: quantile(lateness, 0.5),
    p99: quantile(lateness, 0.99),
    seen: lateness.length,
  };
}
