import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { freePort } from '../../src/dev-server/free-port.js';
import { findTemporalServer } from '../../src/dev-server/temporal-executable.js';
import { startDevServer } from '../../src/dev-server/temporal-server.js';
import { childProcesses } from '../measure/processes.js';
import type { BenchServer } from './bench-server.js';
import { serverVersion } from './server-version.js';

/** Starts the dev server with a database file in the folder, as `evertoken dev` does. */
export async function startBenchDevServer(folder: string): Promise<BenchServer> {
  const executable = await findTemporalServer();
  const before = childProcesses();
  const dbFilename = join(folder, 'temporal.db');
  const server = await startDevServer({
    executable,
    port: await freePort(),
    dbFilename,
    logFile: join(folder, 'temporal.log'),
  });
  return {
    name: 'dev server, SQLite file',
    version: await serverVersion(server.address),
    address: server.address,
    pids: childProcesses().filter((pid) => !before.includes(pid)),
    databaseBytes: async () => {
      const sizes = await Promise.all([dbFilename, `${dbFilename}-wal`].map(sizeOf));
      return sizes.reduce((sum, size) => sum + size, 0);
    },
    stop: () => server.stop(),
  };
}

async function sizeOf(path: string): Promise<number> {
  return stat(path).then(
    ({ size }) => size,
    () => 0,
  );
}
