import { mkdtemp } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Queue } from 'bullmq';
import { Redis } from 'ioredis';
import { LOOPBACK } from '../../src/contract/loopback.js';
import { CALLS_AT_ONCE } from '../fleet/temporal-client.js';
import { WorkerProcess } from '../fleet/worker-process.js';
import { atOnce } from '../measure/at-once.js';
import { firstRefreshToken } from '../provider/grants.js';
import type { BenchProvider } from '../provider/provider.js';
import { startRedis } from './redis-server.js';
import type { RefreshJob, Rival } from './rival.js';

export const BULLMQ_QUEUE = 'refresh';

/** Key of a credential's hash in Redis. */
export function tokenKey(id: string): string {
  return `token:${id}`;
}

const MAIN = fileURLToPath(new URL('./bullmq-main.js', import.meta.url));

/**
 * One job scheduler per credential, which BullMQ recommends for what recurs; tokens in hashes of the same Redis.
 * Retries with backoff as its guide shows; locks and stalled jobs as they are by default, which it says not to change.
 */
export async function openBullmq(
  folder: string,
  provider: BenchProvider,
  report: (line: string) => void,
): Promise<Rival> {
  const redis = await startRedis(await mkdtemp(join(folder, 'redis-')), report);
  const connection = { host: LOOPBACK, port: redis.port };
  const client = new Redis(connection);
  const queue = new Queue<RefreshJob>(BULLMQ_QUEUE, { connection });
  const workers: WorkerProcess[] = [];
  const killWorkers = async (): Promise<void> => {
    await Promise.all(workers.splice(0).map((worker) => worker.kill()));
  };
  return {
    name: 'BullMQ',
    storePids: redis.pids,
    get workerPids() {
      return workers.map(({ pid }) => pid);
    },
    startWorker: async () => {
      const worker = await WorkerProcess.start(folder, [MAIN, String(redis.port)], {});
      workers.push(worker);
      return worker;
    },
    killWorkers,
    add: async (ids, grants) => {
      const tokenEndpoint = provider.tokenEndpoint(grants);
      await atOnce(CALLS_AT_ONCE, ids, async (id) => {
        await client.hset(tokenKey(id), { refreshToken: firstRefreshToken(id) });
        await queue.upsertJobScheduler(
          id,
          { every: grants.periodMs },
          {
            name: 'refresh',
            data: { id, tokenEndpoint, periodMs: grants.periodMs },
            opts: {
              attempts: 5,
              backoff: { type: 'exponential', delay: 1_000 },
              removeOnComplete: true,
              removeOnFail: 1_000,
            },
          },
        );
      });
    },
    read: async (id) => (await client.hget(tokenKey(id), 'accessToken')) ?? '',
    close: async () => {
      await killWorkers();
      await queue.close();
      client.disconnect();
      await redis.stop();
    },
  };
}
