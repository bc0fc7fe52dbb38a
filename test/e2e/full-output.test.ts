import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, open, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { LOOPBACK } from '../../src/contract/loopback.js';
import { freePort } from '../../src/dev-server/free-port.js';
import { generateKey } from '../../src/encryption/key-ring.js';
import { shared } from '../support/shared-resources.js';

it.runIf(existsSync('/dev/full'))(
  'a worker whose log no disk takes any more goes on, and ends when it is told to',
  async () => {
    const folder = await mkdtemp(join(tmpdir(), 'evertoken-full-output-'));
    const health = `${LOOPBACK}:${await freePort()}`;
    const full = await open('/dev/full', 'w');
    const worker = spawn(process.execPath, [await shared('commandPath'), 'worker'], {
      env: {
        PATH: process.env['PATH'],
        TEMPORAL_ADDRESS: await shared('temporalAddress'),
        EVERTOKEN_ENCRYPTION_KEYS: generateKey(),
        EVERTOKEN_JOURNAL_DIR: join(folder, 'journal'),
        EVERTOKEN_HEALTH_ADDRESS: health,
        EVERTOKEN_LOG_LEVEL: 'trace',
      },
      stdio: ['ignore', full.fd, 'ignore'],
    });
    try {
      // It logs as it starts, so what is ready has outlived that.
      await expect.poll(() => ready(health), { timeout: 60_000 }).toBe(true);
      worker.kill('SIGTERM');
      await ended(worker);
      expect([worker.exitCode, worker.signalCode]).toEqual([0, null]);
    } finally {
      worker.kill('SIGKILL');
      await full.close();
      await rm(folder, { recursive: true, force: true });
    }
  },
);

function ready(address: string): Promise<boolean> {
  return fetch(`http://${address}/readyz`).then(
    ({ ok }) => ok,
    () => false,
  );
}

async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
}
