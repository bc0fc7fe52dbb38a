import { KeeperFleet } from '../fleet/keepers.js';
import { rememberedKeepers } from '../fleet/remembered.js';
import type { CurveLine, Question } from '../question.js';
import { bytesText, figure } from '../report/figures.js';
import { type FleetCost, grown, type RefreshCost } from './scale/fleet-cost.js';
import { FORCED_AT_ONCE, forcedPerSecond } from './scale/forced.js';

const SIZES = {
  quick: { fleets: [20, 60], sample: 10, workers: [1, 2], forcedMs: 10_000 },
  medium: { fleets: [500, 1_000, 3_000], sample: 200, workers: [1, 2], forcedMs: 60_000 },
  full: { fleets: [1_000, 10_000, 50_000], sample: 200, workers: [1, 2, 4], forcedMs: 60_000 },
} as const;

const COST_RATIO = 1.15;

/** What keepers cost while they sleep, and whether one costs more among many. */
export const scaleQuestion: Question = {
  name: 'scale',
  title: 'Fleets that sleep',
  asks:
    'Keepers that are not due: what they take while they sleep, and what a read of one costs, and a forced refresh, first when no worker remembers it (evicted), then again (cached). ' +
    `Then forced refreshes with more workers, ${FORCED_AT_ONCE} at once.`,
  rounds: { quick: 1, medium: 1, full: 1 },
  limitMinutes: { quick: 10, medium: 60, full: 300 },
  run: async (context) => {
    const { fleets, workers, sample, forcedMs } = SIZES[context.size];
    const { server, folder, progress, teardown } = context;
    const fleet = await KeeperFleet.open(server, folder);
    teardown.add(() => fleet.close());
    await fleet.startWorker();
    const costs: FleetCost[] = [];
    for (const keepers of fleets) costs.push(await grown(context, fleet, keepers, sample));
    const byWorkers: (readonly [number, number])[] = [];
    for (const workerCount of workers) {
      await fleet.killWorkers();
      for (let index = 0; index < workerCount; index += 1) await fleet.startWorker();
      const perSecond = await forcedPerSecond(context, fleet, forcedMs);
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
            ...['Keepers', 'Remembered', 'Worker memory', 'Server memory', 'Database'],
            ...['Read, median ms', '', 'Refresh, median ms', 'CPU of a refresh, ms'],
          ],
          rows: costs.flatMap(fleetRows),
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
        'Remembered: how many keepers the worker whose memory is shown holds at most. It was started anew after the fleet before, of which it holds the sample alone; of others the history is read again when they are due.',
        'Evicted: the worker was started anew, so it must read the history first. So it is of all keepers where refreshes are counted by workers, until they have had their turn.',
        'A read asks no worker: it is answered from what the keeper has published.',
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

function fleetRows(cost: FleetCost): readonly (readonly string[])[] {
  const { keepers, workerBytes, serverBytes, databaseBytes, readMs, evicted, cached } = cost;
  return [
    [
      ...[keepers, Math.min(keepers, rememberedKeepers())].map(String),
      ...[workerBytes, serverBytes, databaseBytes].map(bytesText),
      ...[figure(readMs), 'evicted', ...refreshCells(evicted)],
    ],
    ['', '', '', '', '', '', 'cached', ...refreshCells(cached)],
  ];
}

function refreshCells({ refreshMs, refreshCpuMs }: RefreshCost): readonly string[] {
  return [refreshMs, refreshCpuMs].map(figure);
}
