import { setTimeout as delay } from 'node:timers/promises';
import { keeperWorkflowId } from '../../src/contract/names.js';
import { UNFORCED_SPACING_MS } from '../../src/policy/keeper-numbers.js';
import { BareLoops } from '../bare/bare-loops.js';
import { type Part, PARTS } from '../bare/parts.js';
import { type FleetOptions, KeeperFleet } from '../fleet/keepers.js';
import { compare, medianOf, type Metric, ratioOf } from '../measure/comparison.js';
import { interleaved, type Sample, type Side } from '../measure/rounds.js';
import { measureTurns } from '../measure/turns.js';
import { required } from '../measure/until.js';
import type { BenchContext, Findings, Question } from '../question.js';
import { figure } from '../report/figures.js';

/** Least share of the bare loop's turns that a full keeper is to make. */
const SHARE_PROMISED = 0.85;
/** Twice the shortest time between two refreshes: half of it is the lead, so they come as often as a keeper lets them. */
const LIFETIME_SECONDS = (2 * UNFORCED_SPACING_MS) / 1_000;
const WARM_UP_MS = 180_000;
/** A file system in memory, where a journal's writes cost no disk. */
const MEMORY_FOLDER = '/dev/shm';

const SIZES = {
  quick: { loops: 24, windowMs: 10_000, partRounds: 1 },
  full: { loops: 400, windowMs: 30_000, partRounds: 3 },
} as const;

const METRICS: readonly Metric[] = [
  { key: 'turnsPerSecond', title: 'Turns', unit: 'per second', better: 'more' },
  { key: 'serverMs', title: 'Server CPU per turn', unit: 'ms', better: 'less' },
  { key: 'workerMs', title: 'Worker CPU per turn', unit: 'ms', better: 'less' },
  { key: 'databaseBytes', title: 'Database per turn', unit: 'bytes', better: 'less' },
  { key: 'historyBytes', title: 'History per turn', unit: 'bytes', better: 'less' },
  { key: 'historyEvents', title: 'Events per turn', unit: 'events', better: 'less' },
];

const BARE = 'bare loop';
const KEEPER = 'keeper';

/** How many refreshes a server bears, and what each part of one costs. */
export const turnQuestion: Question = {
  name: 'turn',
  title: 'What a turn costs',
  asks:
    'Keepers whose refreshes saturate the server, against workflows that do nothing but wait on a timer and run an activity that does nothing. ' +
    'Then the bare loop with one part of a keeper added, and the keeper with one part switched off by its configuration.',
  rounds: { quick: 1, full: 5 },
  limitMinutes: { quick: 15, full: 150 },
  run: async (context) => {
    const size = SIZES[context.size];
    const main = await interleaved(context.progress, context.rounds, [
      bareSide(context, BARE, []),
      keeperSide(context, KEEPER, {}),
    ]);
    const parts = await interleaved(context.progress, Math.min(size.partRounds, context.rounds), [
      bareSide(context, BARE, []),
      ...PARTS.map((part) => bareSide(context, `bare loop + ${part}`, [part])),
      bareSide(context, 'bare loop + all parts', PARTS),
      keeperSide(context, KEEPER, {}),
      keeperSide(context, 'keeper without search attributes', {
        env: { EVERTOKEN_SEARCH_ATTRIBUTES: 'off' },
      }),
      keeperSide(context, 'keeper in plain text', { isPlaintext: true }),
      keeperSide(context, 'keeper, journal in memory', { journalParent: MEMORY_FOLDER }),
    ]);
    return findings(context, compare(main, METRICS, BARE), compare(parts, METRICS, BARE));
  },
};

function findings(
  { size, progress }: BenchContext,
  main: ReturnType<typeof compare>,
  parts: ReturnType<typeof compare>,
): Findings {
  const { loops } = SIZES[size];
  const offered = loops / (UNFORCED_SPACING_MS / 1_000);
  const share = ratioOf(main, 'turnsPerSecond', KEEPER);
  const bareTurns = medianOf(main, 'turnsPerSecond', BARE);
  const isSaturated = bareTurns < offered * 0.9;
  progress.say(`a keeper makes ${figure(share)} of the turns of a bare loop`);
  return {
    comparisons: [
      ...main,
      ...parts.map((comparison) => ({ ...comparison, title: `${comparison.title}, by part` })),
    ],
    checks: [
      {
        promise: `a full keeper makes at least ${SHARE_PROMISED} of the turns of a bare loop`,
        seen: isSaturated ? figure(share) : `${figure(share)}, but the server was not saturated`,
        holds: isSaturated && share >= SHARE_PROMISED,
      },
    ],
    notes: [
      `${loops} loops offer ${figure(offered)} turns a second at most; the bare loop made ${figure(bareTurns)}, so the server was ${isSaturated ? '' : 'not '}saturated.`,
      'The journal in memory is the shipped one in a folder of `/dev/shm`. Heartbeat, memo, status timer and summaries have no switch in a keeper; what they cost is seen on the bare loop.',
      'SQLite reuses the space of its log, so that database bytes of a few turns are coarse; history bytes are exact.',
      'Server CPU is that of the server and of its database; the provider runs in a process that is on nobody’s bill.',
    ],
  };
}

function bareSide(context: BenchContext, name: string, parts: readonly Part[]): Side {
  return { name, measure: () => measureBare(context, parts) };
}

function keeperSide(context: BenchContext, name: string, options: FleetOptions): Side {
  return { name, measure: (round) => measureKeepers(context, `${name}-${round}`, options) };
}

async function measureBare(context: BenchContext, parts: readonly Part[]): Promise<Sample> {
  const { server, folder, bareBundle, client, provider } = context;
  const { loops: count, windowMs } = SIZES[context.size];
  const loops = await BareLoops.open(server, folder, bareBundle, client, {
    periodMs: UNFORCED_SPACING_MS,
    parts,
    url: provider.baseUrl,
  });
  try {
    await loops.start(count);
    const turnsOf = async (): Promise<ReadonlyMap<string, number>> =>
      new Map((await loops.report()).turnsOf);
    await required('a turn of every loop', async () => (await turnsOf()).size >= count, WARM_UP_MS);
    return await measureTurns(
      { ...context, workerPids: [loops.worker.pid], workflowIds: loops.ids, turnsOf },
      () => delay(windowMs),
    );
  } finally {
    await loops.close();
    await provider.takeRequests();
  }
}

async function measureKeepers(
  context: BenchContext,
  name: string,
  options: FleetOptions,
): Promise<Sample> {
  const { server, folder, provider } = context;
  const { loops: count, windowMs } = SIZES[context.size];
  const fleet = await KeeperFleet.open(server, folder, options);
  try {
    await fleet.startWorker();
    const prefix = `${name.replaceAll(/[^a-z0-9]+/g, '-')}-${Date.now()}`;
    await fleet.apply(
      Array.from({ length: count }, (_, index) =>
        provider.credential(`${prefix}/${index}`, { lifetimeSeconds: LIFETIME_SECONDS }),
      ),
    );
    const turns = new Map<string, number>();
    const turnsOf = async (): Promise<ReadonlyMap<string, number>> => {
      for (const { id, outcome } of await provider.takeRequests()) {
        const workflowId = keeperWorkflowId(id);
        if (outcome === 'granted') turns.set(workflowId, (turns.get(workflowId) ?? 0) + 1);
      }
      return new Map(turns);
    };
    await required(
      'a turn of every keeper',
      async () => (await turnsOf()).size >= count,
      WARM_UP_MS,
    );
    return await measureTurns(
      {
        ...context,
        workerPids: fleet.workerPids,
        workflowIds: fleet.ids.map(keeperWorkflowId),
        turnsOf,
      },
      () => delay(windowMs),
    );
  } finally {
    await fleet.close();
    await provider.takeRequests();
  }
}
