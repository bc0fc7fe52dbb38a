import { setTimeout as delay } from 'node:timers/promises';
import { keeperWorkflowId } from '../../../src/contract/names.js';
import { UNFORCED_SPACING_MS } from '../../../src/policy/keeper-numbers.js';
import { BareLoops } from '../../bare/bare-loops.js';
import type { Part } from '../../bare/parts.js';
import { type FleetOptions, KeeperFleet } from '../../fleet/keepers.js';
import type { Metric } from '../../measure/comparison.js';
import type { Sample, Side } from '../../measure/rounds.js';
import { measureTurns } from '../../measure/turns.js';
import { required } from '../../measure/until.js';
import type { BenchContext } from '../../question.js';

/** Twice the shortest time between two refreshes: half of it is the lead, so they come as often as a keeper lets them. */
const LIFETIME_SECONDS = (2 * UNFORCED_SPACING_MS) / 1_000;
const WARM_UP_MS = 180_000;

/**
 * More than the server bears, and not so many that tokens expire while their refresh waits: what a keeper does about
 * that belongs to an outage and not to a turn. Fewer turns are made where each begins with a replay.
 */
const SIZES = {
  quick: { loops: 24, forgotten: 24, windowMs: 10_000 },
  medium: { loops: 540, forgotten: 400, windowMs: 30_000 },
  full: { loops: 540, forgotten: 400, windowMs: 30_000 },
} as const;

export function loopsOf({ size }: BenchContext): number {
  return SIZES[size].loops;
}

export const METRICS: readonly Metric[] = [
  { key: 'turnsPerSecond', title: 'Turns', unit: 'per second', better: 'more' },
  { key: 'serverMs', title: 'Server CPU per turn', unit: 'ms', better: 'less' },
  { key: 'workerMs', title: 'Worker CPU per turn', unit: 'ms', better: 'less' },
  { key: 'databaseBytes', title: 'Database per turn', unit: 'bytes', better: 'less' },
  { key: 'historyBytes', title: 'History per turn', unit: 'bytes', better: 'less' },
  { key: 'historyEvents', title: 'Events per turn', unit: 'events', better: 'less' },
  { key: 'workerBytes', title: 'Worker memory at the end', unit: 'bytes', better: 'less' },
];

export const BARE = 'bare loop';
export const KEEPER = 'keeper';
export const FORGOTTEN = 'keeper that is forgotten between its turns';
/** They turn in nearly the same order each time, so a worker that remembers a part of them has forgotten each by its turn. */
const SHARE_REMEMBERED = 0.25;

export function bareSide(context: BenchContext, name: string, parts: readonly Part[]): Side {
  return { name, measure: () => measureBare(context, parts) };
}

export function keeperSide(
  context: BenchContext,
  name: string,
  options: FleetOptions,
  count = loopsOf(context),
): Side {
  return { name, measure: (round) => measureKeepers(context, `${name}-${round}`, count, options) };
}

/** Keepers whose worker reads and replays their history at each turn. */
export function forgottenSide(context: BenchContext): Side {
  const count = SIZES[context.size].forgotten;
  const remembered = Math.floor(count * SHARE_REMEMBERED);
  const env = { EVERTOKEN_CACHED_KEEPERS: String(remembered) };
  return keeperSide(context, FORGOTTEN, { env }, count);
}

async function measureBare(context: BenchContext, parts: readonly Part[]): Promise<Sample> {
  const { server, folder, bareBundle, client, provider } = context;
  const { windowMs } = SIZES[context.size];
  const count = loopsOf(context);
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
  count: number,
  options: FleetOptions,
): Promise<Sample> {
  const { server, folder, provider } = context;
  const { windowMs } = SIZES[context.size];
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
