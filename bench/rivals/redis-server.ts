import { join } from 'node:path';
import { Redis } from 'ioredis';
import { findOnPath, run } from '../../src/dev-server/child-process.js';
import { LOOPBACK } from '../../src/contract/loopback.js';
import { freePort } from '../../src/dev-server/free-port.js';
import { GuardedProcess } from '../../src/dev-server/guarded-process.js';
import { reportElapsed } from '../../src/dev-server/progress.js';
import { childProcesses } from '../measure/processes.js';
import { required } from '../measure/until.js';

const READY_DEADLINE_MS = 20_000;

/** A Redis server of its own, set up as BullMQ's page on production asks: an append-only file, and nothing evicted. */
export interface RedisServer {
  readonly port: number;
  readonly pids: readonly number[];
  stop(): Promise<void>;
}

/** Starts it on loopback; as root on a Debian it installs one where none is. */
export async function startRedis(
  folder: string,
  report: (line: string) => void,
): Promise<RedisServer> {
  const executable = (await findOnPath('redis-server')) ?? (await install(report));
  const port = await freePort();
  const before = childProcesses();
  const server = new GuardedProcess(
    executable,
    [
      ...['--bind', LOOPBACK, '--port', String(port), '--dir', folder],
      ...['--appendonly', 'yes', '--maxmemory-policy', 'noeviction'],
    ],
    join(folder, 'redis.log'),
  );
  await required('Redis', () => answers(port), READY_DEADLINE_MS);
  return {
    port,
    pids: childProcesses().filter((pid) => !before.includes(pid)),
    stop: () => server.stop(),
  };
}

async function answers(port: number): Promise<boolean> {
  const redis = new Redis({ host: LOOPBACK, port, lazyConnect: true, retryStrategy: () => null });
  redis.on('error', () => undefined);
  try {
    await redis.connect();
    await redis.ping();
    return true;
  } catch {
    return false;
  } finally {
    redis.disconnect();
  }
}

async function install(report: (line: string) => void): Promise<string> {
  const aptGet = process.getuid?.() === 0 ? await findOnPath('apt-get') : undefined;
  if (aptGet === undefined) throw new Error('install Redis so that redis-server is on PATH');
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  await reportElapsed('installing Redis', report, async () => {
    await run(aptGet, ['update'], { env });
    await run(aptGet, ['install', '--yes', '--no-install-recommends', 'redis-server'], { env });
  });
  const executable = await findOnPath('redis-server');
  if (executable === undefined) throw new Error('the package redis-server brought no redis-server');
  return executable;
}
