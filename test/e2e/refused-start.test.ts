import { once } from 'node:events';
import { renameSync, symlinkSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { NativeConnection } from '@temporalio/worker';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { LOOPBACK } from '../../src/contract/loopback.js';
import { freePort } from '../../src/dev-server/free-port.js';
import { generateKey } from '../../src/encryption/key-ring.js';
import { loadConfig } from '../../src/settings/config.js';
import { createLogger } from '../../src/telemetry/logger.js';
import { startWorkers } from '../../src/worker.js';
import { CliProcess } from '../support/cli-process.js';
import { installQuietRuntime } from '../support/quiet-runtime.js';
import { shared } from '../support/shared-resources.js';

/** An address for documentation (RFC 5737), so of no host. */
const NOT_OURS = '192.0.2.1:9464';
/** Of a start and a loaded machine. The deadline of connecting is 8 s, and the SDK goes on for 24 s after it. */
const END_LIMIT_MS = 25_000;

let folder: string;
let env: Record<string, string>;
/** Accepts connections and never answers. */
let silent: Server;
let address: string;
const accepted: Socket[] = [];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'evertoken-refused-'));
  silent = createServer((socket) => accepted.push(socket.on('error', () => undefined)));
  silent.listen(0, LOOPBACK);
  await once(silent, 'listening');
  const bound = silent.address();
  if (bound === null || typeof bound === 'string') throw new Error('no port');
  address = `${LOOPBACK}:${bound.port}`;
  env = {
    TEMPORAL_ADDRESS: await shared('temporalAddress'),
    EVERTOKEN_ENCRYPTION_KEYS: generateKey(),
    EVERTOKEN_JOURNAL_DIR: join(folder, 'journal'),
  };
});
afterAll(async () => {
  for (const socket of accepted) socket.destroy();
  silent.close();
  await rm(folder, { recursive: true, force: true });
});

/** Exit code and last words of a worker that ends by itself. */
async function refusal(
  variables: Readonly<Record<string, string>>,
): Promise<{ exitCode: number | null; words: string }> {
  const worker = await CliProcess.start(['worker'], { ...env, ...variables });
  const late = setTimeout(() => void worker.end('SIGKILL'), END_LIMIT_MS);
  const exitCode = await worker.ended();
  clearTimeout(late);
  return { exitCode, words: worker.lines.join('\n') };
}

it('a worker that has not reached Temporal yet is live, and not ready', async () => {
  const health = `${LOOPBACK}:${await freePort()}`;
  const probe = (path: string): Promise<unknown> =>
    fetch(`http://${health}${path}`).then(
      async (answer) => [answer.status, await answer.json()],
      () => 'refused',
    );
  const worker = await CliProcess.start(['worker'], {
    ...env,
    TEMPORAL_ADDRESS: address,
    EVERTOKEN_HEALTH_ADDRESS: health,
  });
  onTestFinished(() => worker.end('SIGKILL'));
  await expect
    .poll(() => (worker.hasEnded ? 'ended' : probe('/livez')), { timeout: END_LIMIT_MS })
    .not.toBe('refused');
  expect(await probe('/livez')).toEqual([200, { status: 'live' }]);
  expect(await probe('/readyz')).toEqual([
    503,
    { status: 'not ready', lacks: ['temporal', 'polling', 'journal'] },
  ]);
});

describe('a worker that cannot start', () => {
  it.each(['EVERTOKEN_HEALTH_ADDRESS', 'EVERTOKEN_METRICS_ADDRESS'])(
    'ends with exit code 2 and names the address where another listens, and its variable: %s',
    async (variable) => {
      expect(await refusal({ [variable]: address })).toEqual({
        exitCode: 2,
        words:
          'error: environment cannot be used\n' +
          `  ${variable}: this process cannot listen there; is the address taken? [address=${address}, cause=EADDRINUSE]`,
      });
    },
  );

  it.each(['EVERTOKEN_HEALTH_ADDRESS', 'EVERTOKEN_METRICS_ADDRESS'])(
    'names the system’s reason, and asks for no other listener, where the address is not of this host: %s',
    async (variable) => {
      expect(await refusal({ [variable]: NOT_OURS })).toEqual({
        exitCode: 2,
        words:
          'error: environment cannot be used\n' +
          `  ${variable}: this process cannot listen there [address=${NOT_OURS}, cause=EADDRNOTAVAIL]`,
      });
    },
  );

  it('ends soon after it gave up a server that accepts connections and never answers', async () => {
    expect(await refusal({ TEMPORAL_ADDRESS: address })).toEqual({
      exitCode: 5,
      words: `error: temporal cannot be reached [address=${address}]`,
    });
  });

  it('leaves no worker behind where only one of them cannot be created', async () => {
    installQuietRuntime();
    const connection = await NativeConnection.connect({
      address: await shared('temporalAddress'),
    });
    const starting = startWorkers({
      config: loadConfig(env),
      connection,
      namespace: 'default',
      env,
      log: createLogger({ logLevel: 'error' }),
      metrics: new NoMetrics(),
      workflowBundle: { codePath: join(folder, 'no-bundle.js') },
    });
    await expect(starting).rejects.toThrow('ENOENT');
    // A worker that is left would hold the connection.
    await connection.close();
  });

  it('says why also where its journal could not even be looked at to be closed', async () => {
    installQuietRuntime();
    const connection = await NativeConnection.connect({
      address: await shared('temporalAddress'),
    });
    const journal = join(folder, 'journal-that-goes-away');
    const database = join(journal, 'journal.sqlite');
    let isInPlace = true;
    const starting = startWorkers({
      config: loadConfig({ ...env, EVERTOKEN_JOURNAL_DIR: journal }),
      connection,
      namespace: 'default',
      env,
      log: createLogger({ logLevel: 'error' }),
      metrics: new NoMetrics(),
      // It is asked for once the journal is open.
      get workflowBundle() {
        if (isInPlace) {
          renameSync(database, `${database}.away`);
          symlinkSync('journal.sqlite', database);
        }
        isInPlace = false;
        return { codePath: join(folder, 'no-bundle.js') };
      },
    });
    await expect(starting).rejects.toThrow('no-bundle.js');
    await connection.close();
  });
});

class NoMetrics {
  refreshed(): void {}
  failed(): void {}
  answeredFromJournal(): void {}
  journalWriteFailed(): void {}
}
