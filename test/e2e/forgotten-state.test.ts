import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client, Connection } from '@temporalio/client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TokenClient } from '../../src/client/token-client.js';
import type { CredentialSpec } from '../../src/contract/credential.js';
import { freePort } from '../../src/dev-server/free-port.js';
import { findTemporalServer } from '../../src/dev-server/temporal-executable.js';
import { type DevServer, startDevServer } from '../../src/dev-server/temporal-server.js';
import { KeeperAdministration } from '../../src/keepers/administration.js';
import { ensureSearchAttributes } from '../../src/keepers/search-attributes.js';
import { TemporalKeepers } from '../../src/keepers/temporal-keepers.js';
import type { StandIn } from '../../src/stand-ins/stand-in.js';
import { AuthorizationServer, CLIENT_SECRET } from '../support/authorization-server.js';
import { FullStack } from '../support/full-stack.js';
import { shared } from '../support/shared-resources.js';
import { TestDatabase } from '../support/test-database.js';
import type { TestNamespace, TestNamespaceOptions } from '../support/test-namespace.js';

const NAMESPACE = 'default';
/** Refreshes before the disaster: the file's refresh token is long spent. */
const ROTATIONS = 3;

/** A Temporal server of one test, whose database can be deleted. */
class LosableServer {
  readonly #folder: string;
  readonly #port: number;
  #databases = 0;
  #running: DevServer;

  private constructor(folder: string, port: number, running: DevServer) {
    this.#folder = folder;
    this.#port = port;
    this.#running = running;
  }

  static async start(): Promise<LosableServer> {
    const folder = await mkdtemp(join(tmpdir(), 'evertoken-losable-'));
    const port = await freePort();
    return new LosableServer(folder, port, await launch(folder, port, 0));
  }

  readonly open = async (options: TestNamespaceOptions): Promise<TestNamespace> => {
    const { address } = this.#running;
    const connection = await Connection.connect({ address });
    const client = new Client({ connection, namespace: NAMESPACE, ...options });
    if (!(await ensureSearchAttributes(client, 'auto'))) throw new Error('no search attributes');
    return { client, address, namespace: NAMESPACE, close: () => connection.close() };
  };

  /** Ends the server, deletes its database, and starts it with an empty one at the same address. */
  async loseDatabase(): Promise<void> {
    await this.#running.stop();
    await rm(databaseOf(this.#folder, this.#databases));
    this.#databases += 1;
    this.#running = await launch(this.#folder, this.#port, this.#databases);
  }

  /** Ends the server, copies its database, and starts it again. */
  async backUp(): Promise<void> {
    await this.#running.stop();
    await cp(databaseOf(this.#folder, this.#databases), join(this.#folder, 'backup.db'));
    this.#running = await launch(this.#folder, this.#port, this.#databases);
  }

  /** Ends the server, and starts it with the database that was copied last. */
  async restoreBackup(): Promise<void> {
    await this.#running.stop();
    this.#databases += 1;
    await cp(join(this.#folder, 'backup.db'), databaseOf(this.#folder, this.#databases));
    this.#running = await launch(this.#folder, this.#port, this.#databases);
  }

  async remove(): Promise<void> {
    await this.#running.stop();
    await rm(this.#folder, { recursive: true, force: true });
  }
}

function databaseOf(folder: string, number: number): string {
  return join(folder, `temporal-${number}.db`);
}

async function launch(folder: string, port: number, database: number): Promise<DevServer> {
  return startDevServer({
    executable: await findTemporalServer(),
    port,
    dbFilename: databaseOf(folder, database),
    logFile: join(folder, 'temporal.log'),
  });
}

describe.each(['SQLite', 'PostgreSQL'] as const)('a journal in %s', (kind) => {
  let server: LosableServer;
  let database: TestDatabase | undefined;
  let stack: FullStack;
  let standIn: StandIn;

  beforeAll(async () => {
    server = await LosableServer.start();
    if (kind === 'PostgreSQL') database = await TestDatabase.create(await shared('postgresUrl'));
    stack = await FullStack.open({
      openNamespace: server.open,
      env:
        database === undefined
          ? {}
          : { EVERTOKEN_JOURNAL_DIR: '', EVERTOKEN_JOURNAL_URL: database.url },
    });
    standIn = stack.standIns.of('abitmedia');
    standIn.rotation = 'strict';
  });
  afterAll(async () => {
    await stack.close();
    await database?.drop();
    await server.remove();
  });

  const keepers = (): KeeperAdministration => new KeeperAdministration(stack.client);
  const tokens = (): TokenClient => new TokenClient(new TemporalKeepers(stack.client));

  async function rotated(spec: CredentialSpec): Promise<void> {
    await keepers().apply(spec);
    for (let count = 0; count < ROTATIONS; count += 1) {
      await tokens().refresh(spec.id, { afterGeneration: count });
    }
  }

  /** Material that was presented more than once. */
  function reused(): readonly string[] {
    const presented = standIn.requests.map(({ body }) => body);
    return presented.filter((body, index) => presented.indexOf(body) < index);
  }

  it('brings a credential back when Temporal’s database is deleted and the same file is applied', async () => {
    const spec = stack.spec('abitmedia', 'lost/same-file');
    await rotated(spec);
    const sent = standIn.requests.length;
    await stack.stopWorkers();
    await server.loseDatabase();
    await ensureSearchAttributes(stack.client, 'auto');
    await stack.startWorkers();

    await expect(keepers().apply(spec)).resolves.toEqual({ outcome: 'started' });
    const back = await tokens().get(spec.id);
    expect(back).toMatchObject({ status: 'fresh', generation: ROTATIONS });
    expect(standIn.requests).toHaveLength(sent);
    const next = await tokens().refresh(spec.id, { afterGeneration: ROTATIONS });
    expect(next.generation).toBe(ROTATIONS + 1);
    expect(reused()).toEqual([]);
  });

  it('brings back the credential of a real authorization server, which revokes a grant whose token comes twice', async () => {
    const authorization = await AuthorizationServer.start();
    const clientId = 'client_secret_basic';
    const refreshToken = await authorization.refreshToken(clientId);
    const spec = stack.resolve({
      id: 'lost/real-server',
      provider: 'oauth2',
      config: { issuer: authorization.issuer, clientId },
      material: { refreshToken, clientSecret: CLIENT_SECRET },
    });
    try {
      await rotated(spec);
      await stack.stopWorkers();
      await server.loseDatabase();
      await ensureSearchAttributes(stack.client, 'auto');
      await stack.startWorkers();
      await expect(keepers().apply(spec)).resolves.toEqual({ outcome: 'started' });
      await expect(tokens().get(spec.id)).resolves.toMatchObject({ generation: ROTATIONS });
      expect(authorization.spent).toHaveLength(ROTATIONS);

      const next = await tokens().refresh(spec.id, { afterGeneration: ROTATIONS });
      expect(next).toMatchObject({ status: 'fresh', generation: ROTATIONS + 1 });
      expect(new Set(authorization.spent).size).toBe(ROTATIONS + 1);
      expect(authorization.spent).toHaveLength(ROTATIONS + 1);
    } finally {
      authorization.close();
    }
  }, 120_000);

  it('refuses the file of a login that was replaced, with and without Temporal’s database, and sends nothing of it', async () => {
    const first = stack.spec('abitmedia', 'lost/old-file');
    await rotated(first);
    const second = stack.spec('abitmedia', 'lost/old-file');
    await expect(keepers().apply(second)).resolves.toEqual({ outcome: 'reauthorized' });
    await tokens().refresh(second.id, { afterGeneration: ROTATIONS });

    await expect(keepers().apply(first)).resolves.toMatchObject({
      outcome: 'refused',
      reason: expect.stringContaining('replaced by a later one') as string,
    });

    const sent = standIn.requests.length;
    await stack.stopWorkers();
    await server.loseDatabase();
    await ensureSearchAttributes(stack.client, 'auto');
    await stack.startWorkers();
    await keepers().apply(first);
    await expect(tokens().get(first.id)).rejects.toMatchObject({
      code: 'PERMANENTLY_FAILED',
      failure: { code: 'login_replaced' },
    });
    expect(standIn.requests).toHaveLength(sent);

    await expect(keepers().apply(first, { returns: true })).resolves.toEqual({
      outcome: 'restarted',
    });
    await expect(tokens().get(first.id)).resolves.toMatchObject({ status: 'fresh' });
    expect(standIn.requests).toHaveLength(sent);

    await expect(keepers().apply(second, { returns: true })).resolves.toEqual({
      outcome: 'reauthorized',
    });
    await expect(tokens().get(second.id)).resolves.toMatchObject({ status: 'fresh' });
    expect(standIn.requests).toHaveLength(sent);
    expect(reused()).toEqual([]);
  });

  it(
    'goes on with the newest material when an older backup of Temporal’s database is restored',
    { timeout: 120_000 },
    async () => {
      const spec = stack.spec('abitmedia', 'lost/backup');
      await rotated(spec);
      await stack.stopWorkers();
      await server.backUp();
      await stack.startWorkers();
      const { generation } = await tokens().refresh(spec.id, { afterGeneration: ROTATIONS });
      await tokens().refresh(spec.id, { afterGeneration: generation });
      const sent = standIn.requests.length;
      await stack.stopWorkers();
      await server.restoreBackup();
      await stack.startWorkers();

      expect(await tokens().get(spec.id)).toMatchObject({ generation: ROTATIONS });
      const found = await tokens().refresh(spec.id, { afterGeneration: ROTATIONS });
      expect(found.generation).toBe(generation + 1);
      expect(standIn.requests).toHaveLength(sent);
      const next = await tokens().refresh(spec.id, { afterGeneration: found.generation });
      expect(next.generation).toBe(generation + 2);
      expect(reused()).toEqual([]);
    },
  );

  it(
    'goes on with a credential on another cluster, whose namespace has the same name, with the same journal and file',
    { timeout: 120_000 },
    async () => {
      const spec = stack.spec('abitmedia', 'lost/moved');
      await rotated(spec);
      const sent = standIn.requests.length;
      await stack.stopWorkers();
      const otherServer = await LosableServer.start();
      const moved = await FullStack.open({ openNamespace: otherServer.open, env: stack.env });
      try {
        const movedKeepers = new KeeperAdministration(moved.client);
        const movedTokens = new TokenClient(new TemporalKeepers(moved.client));
        await expect(movedKeepers.apply(spec)).resolves.toEqual({ outcome: 'started' });
        await expect(movedTokens.get(spec.id)).resolves.toMatchObject({
          status: 'fresh',
          generation: ROTATIONS,
        });
        expect(standIn.requests).toHaveLength(sent);
        const next = await movedTokens.refresh(spec.id, { afterGeneration: ROTATIONS });
        expect(next.generation).toBe(ROTATIONS + 1);
        expect(reused()).toEqual([]);
      } finally {
        await moved.close();
        await otherServer.remove();
        await stack.startWorkers();
      }
    },
  );
});
