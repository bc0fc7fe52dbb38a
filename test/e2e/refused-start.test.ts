import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { NativeConnection } from '@temporalio/worker';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { LOOPBACK } from '../../src/contract/loopback.js';
import { generateKey } from '../../src/encryption/key-ring.js';
import { loadConfig } from '../../src/settings/config.js';
import { createLogger } from '../../src/telemetry/logger.js';
import { startWorkers } from '../../src/worker.js';
import { CliProcess } from '../support/cli-process.js';
import { installQuietRuntime } from '../support/quiet-runtime.js';
import { shared } from '../support/shared-resources.js';

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

describe('a worker that cannot start', () => {
  it.each(['EVERTOKEN_HEALTH_ADDRESS', 'EVERTOKEN_METRICS_ADDRESS'])(
    'ends with exit code 2 and names the address where another listens, and its variable: %s',
    async (variable) => {
      expect(await refusal({ [variable]: address })).toEqual({
        exitCode: 2,
        words:
          'error: environment cannot be used\n' +
          `  ${variable}: this process cannot listen there; is the address taken? [address=${address}]`,
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
});

class NoMetrics {
  refreshed(): void {}
  failed(): void {}
  answeredFromJournal(): void {}
  journalWriteFailed(): void {}
}
