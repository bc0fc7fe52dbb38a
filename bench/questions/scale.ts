import { setTimeout as delay } from 'node:timers/promises';
import { FORCED_SPACING_MS } from '../../src/policy/keeper-numbers.js';
import { KeeperFleet } from '../fleet/keepers.js';
import { atOnce } from '../measure/at-once.js';
import { cpuMs, residentBytes } from '../measure/processes.js';
import { quantile } from '../measure/statistics.js';
import { required } from '../measure/until.js';
import type { BenchContext, CurveLine, Question } from '../question.js';
import { bytesText, figure } from '../report/figures.js';

const SIZES = {
  quick: { fleets: [20, 60], sample: 10, workers: [1, 2], atOnce: 20 },
  medium: { fleets: [500, 1_000, 3_000], sample: 200, workers: [1, 2], atOnce: 200 },
  full: { fleets: [1_000, 10_000, 50_000], sample: 200, workers: [1, 2, 4], atOnce: 400 },
} as const;

const COST_RATIO = 1.15;
const SETTLED_MS = 3 * 3_600_000;
/** Long enough that none is due while this is measured. */
const LIFE_MS = 72_000_000;
const REFRESHES_AT_ONCE = 4;
/** For so long the server still hands a keeper's tasks to the worker that was killed, and a little longer. */
const STICKY_MS = 12_000;

/** What a fleet of one size costs. */
interface FleetCost {
  readonly keepers: number;
  readonly workerBytes: number;
  readonly serverBytes: number;
  readonly databaseBytes: number;
  readonly evicted: CallCost;
  readonly cached: CallCost;
}

/** What a read and a refresh of one keeper cost. */
interface CallCost {
  readonly readMs: number;
  readonly refreshMs: number;
  /** Of server and worker, per refresh. */
  readonly refreshCpuMs: number;
}

/** What keepers cost while they sleep, and whether one costs more among many. */
export const scaleQuestion: Question = {
  name: 'scale',
  title: 'Fleets that sleep',
  asks:
    'Keepers that are not due: what they take while they sleep, and what a read and a forced refresh of one cost, first when no worker remembers it (evicted), then again (cached). ' +
    'Then forced refreshes with more workers.',
  rounds: { quick: 1, medium: 1, full: 1 },
  limitMinutes: { quick: 10, medium: 60, full: 300 },
  run: async (context) => {
    const { fleets, workers, atOnce: count } = SIZES[context.size];
    const { server, folder, progress, teardown } = context;
    const fleet = await KeeperFleet.open(server, folder);
    teardown.add(() => fleet.close());
    await fleet.startWorker();
    const costs: FleetCost[] = [];
    for (const keepers of fleets) costs.push(await grown(context, fleet, keepers));
    const byWorkers: (readonly [number, number])[] = [];
    for (const workerCount of workers) {
      await fleet.killWorkers();
      for (let index = 0; index < workerCount; index += 1) await fleet.startWorker();
      const perSecond = await forcedPerSecond(context, fleet, count, workerCount);
      progress.say(`${workerCount} workers: ${figure(perSecond)} forced refreshes a second`);
      byWorkers.push([workerCount, perSecond]);
    }
    const [first] = costs;
    const last = costs.at(-1);
    const growth =
      (last?.cached.refreshCpuMs ?? Number.NaN) / (first?.cached.refreshCpuMs ?? Number.NaN);
    return {
      tables: [
        {
          title: 'What sleeping keepers take, and what one of them costs',
          headings: [
            ...['Keepers', 'Worker memory', 'Server memory', 'Database', ''],
            ...['Read, median ms', 'Refresh, median ms', 'CPU of a refresh, ms'],
          ],
          rows: costs.flatMap(({ keepers, workerBytes, serverBytes, databaseBytes, ...calls }) => [
            [
              String(keepers),
              ...[workerBytes, serverBytes, databaseBytes].map(bytesText),
              'evicted',
              ...callCells(calls.evicted),
            ],
            ['', '', '', '', 'cached', ...callCells(calls.cached)],
          ]),
        },
        {
          title: 'Forced refreshes by workers',
          headings: ['Workers', 'Refreshes a second'],
          rows: byWorkers.map(([workerCount, perSecond]) => [
            String(workerCount),
            figure(perSecond),
          ]),
        },
      ],
      curves: [
        {
          title: 'CPU of a refresh by fleet size',
          x: 'keepers',
          y: 'ms of server and worker',
          lines: [
            line('evicted', costs, ({ evicted }) => evicted.refreshCpuMs),
            line('cached', costs, ({ cached }) => cached.refreshCpuMs),
          ],
        },
      ],
      checks: [
        {
          promise: `a refresh costs at most ${COST_RATIO} times as much among ${last?.keepers ?? 0} as among ${first?.keepers ?? 0}`,
          seen: figure(growth),
          holds: growth <= COST_RATIO,
        },
      ],
      notes: [
        'A forced refresh is asked for by an update and waited for, which costs more than one that is due.',
        'Evicted: the worker was started anew, so it must read the history first.',
      ],
    };
  },
};

function line(
  label: string,
  costs: readonly FleetCost[],
  y: (cost: FleetCost) => number,
): CurveLine {
  return { label, points: costs.map((cost) => [cost.keepers, y(cost)]) };
}

function callCells({ readMs, refreshMs, refreshCpuMs }: CallCost): readonly string[] {
  return [readMs, refreshMs, refreshCpuMs].map(figure);
}

/** Lets the fleet grow to a size, and measures it there. */
async function grown(
  { size, server, provider, progress }: BenchContext,
  fleet: KeeperFleet,
  keepers: number,
): Promise<FleetCost> {
  const nowMs = Date.now();
  const first = fleet.ids.length;
  progress.say(`${keepers} keepers`);
  await fleet.apply(
    Array.from({ length: keepers - first }, (_, index) =>
      provider.credential(`scale/${first + index}`, {
        lifetimeSeconds: LIFE_MS / 1_000,
        seed: { issuedAtMs: nowMs, expiresAtMs: nowMs + LIFE_MS },
      }),
    ),
  );
  await quiet(server.pids, fleet.workerPids);
  const workerBytes = residentBytes(fleet.workerPids);
  const serverBytes = residentBytes(server.pids);
  const databaseBytes = await server.databaseBytes();
  await fleet.killWorkers();
  await fleet.startWorker();
  await delay(STICKY_MS);
  const ids = sampleIds(fleet.ids, SIZES[size].sample);
  const evicted = await callCost(server.pids, fleet, ids);
  // Two forced refreshes of a keeper are this far apart.
  await delay(FORCED_SPACING_MS);
  const cached = await callCost(server.pids, fleet, ids);
  progress.say(
    `  a refresh: ${figure(evicted.refreshCpuMs)} ms of CPU evicted, ${figure(cached.refreshCpuMs)} cached`,
  );
  return { keepers, workerBytes, serverBytes, databaseBytes, evicted, cached };
}

/** Waits until server and workers have little left to do: what was started has settled. */
async function quiet(serverPids: readonly number[], workerPids: readonly number[]): Promise<void> {
  const pids = [...serverPids, ...workerPids];
  let last = cpuMs(pids);
  let looks = 0;
  await required(
    'rest after the start of the keepers',
    () => {
      looks += 1;
      // Looked at ten times a second: less than a third of one core over three seconds.
      if (looks % 30 !== 0) return false;
      const now = cpuMs(pids);
      const isQuiet = now - last < 1_000;
      last = now;
      return isQuiet;
    },
    SETTLED_MS,
  );
}

/** Evenly spread over all, the same for each call. */
function sampleIds(ids: readonly string[], count: number): readonly string[] {
  return Array.from(
    { length: Math.min(count, ids.length) },
    (_, index) => ids[Math.floor((index * ids.length) / Math.min(count, ids.length))] ?? '',
  );
}

async function callCost(
  serverPids: readonly number[],
  fleet: KeeperFleet,
  ids: readonly string[],
): Promise<CallCost> {
  const tokens = await fleet.connect();
  const half = ids.length / 2;
  const readMs: number[] = [];
  const refreshMs: number[] = [];
  // Each call meets keepers that the one before has not woken.
  await atOnce(REFRESHES_AT_ONCE, ids.slice(0, half), async (id) => {
    const startedAt = performance.now();
    await tokens.get(id);
    readMs.push(performance.now() - startedAt);
  });
  const pids = [...serverPids, ...fleet.workerPids];
  const cpuBefore = cpuMs(pids);
  await atOnce(REFRESHES_AT_ONCE, ids.slice(half), async (id) => {
    const startedAt = performance.now();
    await tokens.refresh(id);
    refreshMs.push(performance.now() - startedAt);
  });
  const cpu = cpuMs(pids) - cpuBefore;
  await tokens.close();
  return {
    readMs: quantile(readMs, 0.5),
    refreshMs: quantile(refreshMs, 0.5),
    refreshCpuMs: cpu / refreshMs.length,
  };
}

/** Refreshes of as many keepers, forced at once. */
async function forcedPerSecond(
  { provider }: BenchContext,
  fleet: KeeperFleet,
  count: number,
  workerCount: number,
): Promise<number> {
  await delay(FORCED_SPACING_MS);
  const tokens = await fleet.connect();
  const ids = fleet.ids.slice(0, count);
  await provider.takeRequests();
  const startedAt = performance.now();
  const results = await Promise.allSettled(ids.map((id) => tokens.refresh(id)));
  const seconds = (performance.now() - startedAt) / 1_000;
  await tokens.close();
  const done = results.filter(({ status }) => status === 'fulfilled').length;
  if (done === 0) throw new Error(`no forced refresh ended well with ${workerCount} workers`);
  return done / seconds;
}
