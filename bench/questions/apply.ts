import { BareLoops } from '../bare/bare-loops.js';
import { COMMAND, KeeperFleet } from '../fleet/keepers.js';
import { compare, medianOf, type Metric, ratioOf } from '../measure/comparison.js';
import { runProcess } from '../measure/process-run.js';
import { interleaved, type Sample } from '../measure/rounds.js';
import { required } from '../measure/until.js';
import type { BenchContext, Findings, Question } from '../question.js';
import { bytesText, figure } from '../report/figures.js';

const HOUR_MS = 3_600_000;
const TURN_DEADLINE_MS = 30 * 60_000;
const NEW_RATIO = 1.3;
const UNCHANGED_MS = 3_000;

const COUNTS = { quick: [40, 120], medium: [1_000, 2_000], full: [1_000, 10_000] } as const;

const BARE = 'bare loops';
const FRESH = 'apply, all new';
const SAME = 'apply, all unchanged';

const METRICS: readonly Metric[] = [
  { key: 'ms', title: 'Time', unit: 'ms', better: 'less' },
  { key: 'cpuMs', title: 'CPU of the command', unit: 'ms', better: 'less' },
  { key: 'peakBytes', title: 'Peak memory of the command', unit: 'bytes', better: 'less' },
  { key: 'failed', title: 'Runs that failed', unit: 'runs', better: 'less' },
];

/** How long a file takes to be applied. */
export const applyQuestion: Question = {
  name: 'apply',
  title: 'Applying many credentials',
  asks: '`evertoken apply -f FILE` as a process, until every new credential has its token, against as many bare loops that are started and have turned once on the same server; then the same file again, unchanged.',
  rounds: { quick: 1, medium: 1, full: 3 },
  limitMinutes: { quick: 12, medium: 60, full: 240 },
  run: async (context) => {
    const [small, large] = COUNTS[context.size];
    const smaller = await applied(context, small, context.rounds);
    // Once: ten times as many take ten times as long.
    const larger = await applied(context, large, 1);
    return findings(small, large, smaller, larger);
  },
};

function findings(
  small: number,
  large: number,
  smaller: ReturnType<typeof compare>,
  larger: ReturnType<typeof compare>,
): Findings {
  const ratio = ratioOf(smaller, 'ms', FRESH);
  const unchanged = medianOf(smaller, 'ms', SAME);
  const failed = failedRuns([...smaller, ...larger]);
  // Memory may grow with the file, not with its square.
  const allowed = large / small;
  const memory = medianOf(larger, 'peakBytes', FRESH) / medianOf(smaller, 'peakBytes', FRESH);
  return {
    comparisons: [
      ...smaller.map((comparison) => ({ ...comparison, title: `${comparison.title}, ${small}` })),
      ...larger.map((comparison) => ({ ...comparison, title: `${comparison.title}, ${large}` })),
    ],
    checks: [
      {
        promise: `${small} new credentials take at most ${NEW_RATIO} of the time of as many bare loops`,
        seen: `${figure(ratio)}, ${failed} runs failed`,
        holds: failed === 0 && ratio <= NEW_RATIO,
      },
      {
        promise: `${small} unchanged ones take at most ${UNCHANGED_MS / 1_000} s`,
        seen: `${figure(unchanged / 1_000)} s`,
        holds: unchanged <= UNCHANGED_MS,
      },
      {
        promise: `memory grows at most ${figure(allowed)}-fold from ${small} to ${large} credentials`,
        seen: `${figure(memory)}-fold, to ${bytesText(medianOf(larger, 'peakBytes', FRESH))}`,
        holds: memory <= allowed,
      },
    ],
  };
}

/** Runs of the command that ended with an error: their times say nothing. */
function failedRuns(comparisons: ReturnType<typeof compare>): number {
  return comparisons
    .filter(({ key }) => key === 'failed')
    .flatMap(({ sides }) => sides.flatMap(({ values }) => values))
    .reduce((sum, value) => sum + value, 0);
}

async function applied(
  context: BenchContext,
  count: number,
  rounds: number,
): Promise<ReturnType<typeof compare>> {
  const fleet = await KeeperFleet.open(context.server, context.folder);
  await fleet.startWorker();
  // In every second round the unchanged ones come first, and are those of the round before.
  let newest = 0;
  try {
    const samples = await interleaved(context.progress, rounds, [
      { name: BARE, measure: () => startBare(context, count) },
      {
        name: FRESH,
        measure: (round) => {
          newest = round;
          return applyFile(context, fleet, count, round);
        },
      },
      { name: SAME, measure: () => applyFile(context, fleet, count, newest) },
    ]);
    return compare(samples, METRICS, BARE);
  } finally {
    await fleet.close();
    await context.provider.takeRequests();
  }
}

async function startBare(context: BenchContext, count: number): Promise<Sample> {
  const { server, folder, bareBundle, client } = context;
  const loops = await BareLoops.open(server, folder, bareBundle, client, { periodMs: HOUR_MS });
  try {
    const startedAt = performance.now();
    await loops.start(count);
    await required(
      'a turn of every bare loop',
      async () => (await loops.report()).turnsOf.length >= count,
      TURN_DEADLINE_MS,
    );
    return { ms: performance.now() - startedAt };
  } finally {
    await loops.close();
  }
}

/** The same credentials in each call with the same number, so that the second finds them unchanged. */
async function applyFile(
  { provider, progress }: BenchContext,
  fleet: KeeperFleet,
  count: number,
  number: number,
): Promise<Sample> {
  const credentials = Array.from({ length: count }, (_, index) =>
    provider.credential(`apply/${count}/${number}/${index}`, { lifetimeSeconds: 7_200 }),
  );
  fleet.ids.push(...credentials.map(({ id }) => id));
  const file = await fleet.writeFile('credentials', credentials);
  const { ms, cpuMs, peakBytes, exitCode, output } = await runProcess(
    [COMMAND, 'apply', '--file', file],
    fleet.env,
  );
  if (exitCode !== 0) progress.say(`  apply ended with ${exitCode ?? 'a signal'}: ${output}`);
  return { ms, cpuMs, peakBytes, failed: exitCode === 0 ? 0 : 1 };
}
