import { fileURLToPath } from 'node:url';
import pg from 'pg';
import PgBoss from 'pg-boss';
import { findPostgres } from '../../test/support/postgres-installation.js';
import { PostgresServer } from '../../test/support/postgres-server.js';
import { WorkerProcess } from '../fleet/worker-process.js';
import { childProcesses } from '../measure/processes.js';
import { firstRefreshToken } from '../provider/grants.js';
import type { BenchProvider } from '../provider/provider.js';
import type { RefreshJob, Rival } from './rival.js';

export const PG_BOSS_QUEUE = 'refresh';

/**
 * How jobs are tried again. The expiry is how a job of a dead worker is found: the default of fifteen minutes is longer
 * than many tokens live.
 */
export const PG_BOSS_JOB = { retryLimit: 5, retryBackoff: true, expireInSeconds: 30 } as const;
/** How often expired jobs are looked for. */
export const PG_BOSS_OPTIONS = { maintenanceIntervalSeconds: 10 } as const;

const MAIN = fileURLToPath(new URL('./pg-boss-main.js', import.meta.url));

/**
 * One deferred job per credential; its handler sends the next one in the transaction that stores the token, which is what
 * pg-boss offers over other queues. Tokens in a table of the same database.
 */
export async function openPgBoss(folder: string, provider: BenchProvider): Promise<Rival> {
  const before = childProcesses();
  const postgres = await PostgresServer.create(await findPostgres());
  const storePids = childProcesses().filter((pid) => !before.includes(pid));
  const pool = new pg.Pool({ connectionString: postgres.url });
  // A server that ends takes its idle connections along.
  pool.on('error', () => undefined);
  await pool.query(
    'CREATE TABLE tokens (id text PRIMARY KEY, refresh_token text NOT NULL, access_token text, expires_at timestamptz)',
  );
  const boss = new PgBoss({ connectionString: postgres.url, ...PG_BOSS_OPTIONS, supervise: false });
  boss.on('error', () => undefined);
  await boss.start();
  await boss.createQueue(PG_BOSS_QUEUE);
  const workers: WorkerProcess[] = [];
  const killWorkers = async (): Promise<void> => {
    await Promise.all(workers.splice(0).map((worker) => worker.kill()));
  };
  return {
    name: 'pg-boss',
    storePids,
    get workerPids() {
      return workers.map(({ pid }) => pid);
    },
    startWorker: async () => {
      const worker = await WorkerProcess.start(folder, [MAIN], { BENCH_POSTGRES: postgres.url });
      workers.push(worker);
      return worker;
    },
    killWorkers,
    add: async (ids, grants) => {
      const tokenEndpoint = provider.tokenEndpoint(grants);
      await pool.query(
        'INSERT INTO tokens (id, refresh_token) SELECT * FROM unnest($1::text[], $2::text[])',
        [ids, ids.map(firstRefreshToken)],
      );
      const plannedMs = Date.now();
      await boss.insert(
        ids.map((id) => {
          const data: RefreshJob = { id, tokenEndpoint, periodMs: grants.periodMs, plannedMs };
          return { name: PG_BOSS_QUEUE, data, singletonKey: id, ...PG_BOSS_JOB };
        }),
      );
    },
    read: async (id) => {
      const { rows } = await pool.query<{ access_token: string | null }>(
        'SELECT access_token FROM tokens WHERE id = $1',
        [id],
      );
      return rows[0]?.access_token ?? '';
    },
    close: async () => {
      await killWorkers();
      await boss.stop({ graceful: false });
      await pool.end();
      await postgres.remove();
    },
  };
}
