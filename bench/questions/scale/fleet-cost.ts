import { setTimeout as delay } from 'node:timers/promises';
import { FORCED_SPACING_MS } from '../../../src/policy/keeper-numbers.js';
import type { KeeperFleet } from '../../fleet/keepers.js';
import { atOnce } from '../../measure/at-once.js';
import { cpuMs, residentBytes } from '../../measure/processes.js';
import { quantile } from '../../measure/statistics.js';
import { required } from '../../measure/until.js';
import type { BenchContext } from '../../question.js';
import { figure } from '../../report/figures.js';

const SETTLED_MS = 3 * 3_600_000;
/** Long enough that none is due while this is measured. */
const LIFE_MS = 72_000_000;
const CALLS_AT_ONCE = 4;
/** Refreshes outside of the sample after a worker was started anew: its first ones pay for what it loads. */
const WARM_UP_REFRESHES = 100;
/** For so long the server still hands a keeper's tasks to the worker that was killed, and a little longer. */
const STICKY_MS = 12_000;

/** What a fleet of one size costs. */
export interface FleetCost {
  readonly keepers: number;
  readonly workerBytes: number;
  readonly serverBytes: number;
  readonly databaseBytes: number;
  readonly readMs: number;
  readonly evicted: RefreshCost;
  readonly cached: RefreshCost;
}

/** What a refresh of one keeper costs. */
export interface RefreshCost {
  readonly refreshMs: number;
  /** Of server and worker, per refresh. */
  readonly refreshCpuMs: number;
}

/** Lets the fleet grow to a size, and measures it there. */
export async function grown(
  { server, provider, progress }: BenchContext,
  fleet: KeeperFleet,
  keepers: number,
  sample: number,
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
  const ids = sampleIds(fleet.ids, sample);
  const readMs = await readCost(fleet, ids);
  const others = fleet.ids.filter((id) => !ids.includes(id)).slice(0, WARM_UP_REFRESHES);
  await refreshCost(server.pids, fleet, others);
  const evicted = await refreshCost(server.pids, fleet, ids);
  // Two forced refreshes of a keeper are this far apart.
  await delay(FORCED_SPACING_MS);
  const cached = await refreshCost(server.pids, fleet, ids);
  progress.say(
    `  a refresh: ${figure(evicted.refreshCpuMs)} ms of CPU evicted, ${figure(cached.refreshCpuMs)} cached`,
  );
  return { keepers, workerBytes, serverBytes, databaseBytes, readMs, evicted, cached };
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

/** Median of reads by a client that knows none of the tokens, in milliseconds. */
async function readCost(fleet: KeeperFleet, ids: readonly string[]): Promise<number> {
  const tokens = await fleet.connect();
  const ms = await timesOf(ids, (id) => tokens.get(id));
  await tokens.close();
  return quantile(ms, 0.5);
}

async function refreshCost(
  serverPids: readonly number[],
  fleet: KeeperFleet,
  ids: readonly string[],
): Promise<RefreshCost> {
  const tokens = await fleet.connect();
  const pids = [...serverPids, ...fleet.workerPids];
  const cpuBefore = cpuMs(pids);
  const ms = await timesOf(ids, (id) => tokens.refresh(id));
  const cpu = cpuMs(pids) - cpuBefore;
  await tokens.close();
  return { refreshMs: quantile(ms, 0.5), refreshCpuMs: cpu / ms.length };
}

function timesOf(
  ids: readonly string[],
  call: (id: string) => Promise<unknown>,
): Promise<readonly number[]> {
  return atOnce(CALLS_AT_ONCE, ids, async (id) => {
    const startedAt = performance.now();
    await call(id);
    return performance.now() - startedAt;
  });
}
