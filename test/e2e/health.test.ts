import { mkdtemp, rename, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { connectTokens } from '../../src/client/connect-tokens.js';
import { parseCredentials } from '../../src/credentials/load-credentials.js';
import { LOOPBACK } from '../../src/contract/loopback.js';
import { freePort } from '../../src/dev-server/free-port.js';
import { generateKey } from '../../src/encryption/key-ring.js';
import { KeeperAdministration } from '../../src/keepers/administration.js';
import { builtInProviders } from '../../src/providers/index.js';
import { createProviderRegistry } from '../../src/providers/registry.js';
import { loadConfig } from '../../src/settings/config.js';
import { startStandIns, type StandIns } from '../../src/stand-ins/index.js';
import { createClient, loadTemporalTarget, openConnection } from '../../src/temporal/connection.js';
import { CliProcess } from '../support/cli-process.js';
import { FaultServer } from '../support/fault-server.js';

const LIMIT_MS = 120_000;
const WITHIN = { timeout: 40_000, interval: 200 };

describe('a worker on a server that comes and goes', { timeout: LIMIT_MS }, () => {
  let folder: string;
  let server: FaultServer;
  let standIns: StandIns;
  let worker: CliProcess;
  let env: Record<string, string>;
  let address: string;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'evertoken-health-'));
    [server, standIns] = await Promise.all([
      FaultServer.start(folder),
      startStandIns({ lifetimeSeconds: 3_600 }),
    ]);
    address = `${LOOPBACK}:${await freePort()}`;
    env = {
      EVERTOKEN_ENCRYPTION_KEYS: generateKey(),
      EVERTOKEN_JOURNAL_DIR: join(folder, 'journal'),
      TEMPORAL_ADDRESS: server.address,
    };
    worker = await CliProcess.startWorker({ ...env, EVERTOKEN_HEALTH_ADDRESS: address });
  }, LIMIT_MS);

  afterAll(async () => {
    await worker.end('SIGTERM');
    await server.stop();
    await standIns.close();
    await rm(folder, { recursive: true, force: true });
  });

  async function probe(path: string): Promise<{ status: number; body: unknown }> {
    const answer = await fetch(`http://${address}${path}`);
    return { status: answer.status, body: await answer.json() };
  }

  /** Starts a keeper whose provider refuses it for good, and resolves when it has ended. */
  async function keepAndFail(id: string): Promise<void> {
    const standIn = standIns.of('oauth2');
    standIn.answerNext(() => ({
      status: 400,
      headers: { 'content-type': 'application/json' },
      body: '{"error":"invalid_grant"}',
    }));
    const [spec] = parseCredentials(
      JSON.stringify({ credentials: [standIn.credential(id)] }),
      'stand-in',
      {
        providers: createProviderRegistry(builtInProviders),
        env: {},
        readSecretFile: () => undefined,
        nowMs: Date.now(),
      },
    );
    if (spec === undefined) throw new Error('no credential');
    const target = loadTemporalTarget(env, { allowCleartext: false });
    const connection = await openConnection(target);
    const client = createClient(target, connection, loadConfig(env).encryption);
    await new KeeperAdministration(client).apply(spec);
    const tokens = await connectTokens({ env });
    await tokens.refresh(id).catch(() => undefined);
    await expect.poll(async () => (await tokens.status(id)).status, WITHIN).toBe('failed');
    await tokens.close();
    await connection.close();
  }

  it('is ready, and stays so when a credential fails for good', async () => {
    await expect
      .poll(() => probe('/readyz'), WITHIN)
      .toEqual({
        status: 200,
        body: { status: 'ready' },
      });
    await keepAndFail('health/failed');
    expect(await probe('/readyz')).toMatchObject({ status: 200 });
  });

  it('is live and not ready while Temporal is gone, and ready again when it is back', async () => {
    await server.kill();
    await expect
      .poll(() => probe('/readyz'), WITHIN)
      .toEqual({
        status: 503,
        body: { status: 'not ready', lacks: ['temporal'] },
      });
    expect(await probe('/livez')).toMatchObject({ status: 200 });
    await server.restart();
    await expect.poll(async () => (await probe('/readyz')).status, WITHIN).toBe(200);
  });

  it('is not ready while its journal is another one, and says so', async () => {
    const journal = join(folder, 'journal');
    await rename(journal, `${journal}.away`);
    await expect
      .poll(() => probe('/readyz'), WITHIN)
      .toEqual({
        status: 503,
        body: { status: 'not ready', lacks: ['journal'] },
      });
    await rm(journal, { recursive: true, force: true });
    await rename(`${journal}.away`, journal);
    await expect.poll(async () => (await probe('/readyz')).status, WITHIN).toBe(200);
  });

  it('that is gone leaves an ended keeper readable', async () => {
    await worker.end('SIGTERM');
    // A server that has just started remembers no worker.
    await server.kill();
    await server.restart();
    const tokens = await connectTokens({ env });
    expect((await tokens.status('health/failed')).status).toBe('failed');
    await tokens.close();
  });
});
