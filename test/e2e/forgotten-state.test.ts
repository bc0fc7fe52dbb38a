import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TokenClient } from '../../src/client/token-client.js';
import type { CredentialSpec } from '../../src/contract/credential.js';
import { KeeperAdministration } from '../../src/keepers/administration.js';
import { ensureSearchAttributes } from '../../src/keepers/search-attributes.js';
import { TemporalKeepers } from '../../src/keepers/temporal-keepers.js';
import type { StandIn } from '../../src/stand-ins/stand-in.js';
import { AuthorizationServer, CLIENT_SECRET } from '../support/authorization-server.js';
import { FullStack } from '../support/full-stack.js';
import { shared } from '../support/shared-resources.js';
import { TestDatabase } from '../support/test-database.js';
import { LosableServer } from './losable-server.js';

/** Refreshes before the disaster: the file's refresh token is long spent. */
const ROTATIONS = 3;

// The two share nothing; their tests need one server each, one after another, and its database as long as it is there.
describe.concurrent.each(['SQLite', 'PostgreSQL'] as const)('a journal in %s', (kind) => {
  let server: LosableServer;
  let database: TestDatabase | undefined;
  let stack: FullStack;
  let standIn: StandIn;
  let authorization: AuthorizationServer;
  let specs: readonly CredentialSpec[];
  let loss: Promise<void> | undefined;

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
    authorization = await AuthorizationServer.start();
    const ofStandIn = ['same-file', 'old-file', 'backup', 'moved'].map((name) =>
      stack.spec('abitmedia', `lost/${name}`),
    );
    specs = [...ofStandIn, await specOfRealServer()];
    await Promise.all(specs.map(rotated));
  });
  afterAll(async () => {
    await stack.close();
    authorization.close();
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

  async function specOfRealServer(): Promise<CredentialSpec> {
    const clientId = 'client_secret_basic';
    const refreshToken = await authorization.refreshToken(clientId);
    return stack.resolve({
      id: 'lost/real-server',
      provider: 'oauth2',
      config: { issuer: authorization.issuer, clientId },
      material: { refreshToken, clientSecret: CLIENT_SECRET },
    });
  }

  function specOf(id: string): CredentialSpec {
    const spec = specs.find((each) => each.id === id);
    if (spec === undefined) throw new Error(`nobody rotated it [id=${id}]`);
    return spec;
  }

  /** Resolves when the database was deleted, once for all tests, and workers run on an empty one. */
  function databaseIsLost(): Promise<void> {
    return (loss ??= loseDatabase());
  }

  async function loseDatabase(): Promise<void> {
    await stack.stopWorkers();
    await server.loseDatabase();
    await ensureSearchAttributes(stack.client, 'auto');
    await stack.startWorkers();
  }

  /** Material that was presented more than once. */
  function reused(): readonly string[] {
    const presented = standIn.requests.map(({ body }) => body);
    return presented.filter((body, index) => presented.indexOf(body) < index);
  }

  it(
    'goes on with the newest material when an older backup of Temporal’s database is restored',
    { concurrent: false },
    async () => {
      const spec = specOf('lost/backup');
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
    'refuses the file of a login that was replaced, with and without Temporal’s database, and sends nothing of it',
    { concurrent: false },
    async () => {
      const first = specOf('lost/old-file');
      const second = stack.spec('abitmedia', 'lost/old-file');
      await expect(keepers().apply(second)).resolves.toEqual({ outcome: 'reauthorized' });
      await tokens().refresh(second.id, { afterGeneration: ROTATIONS });

      await expect(keepers().apply(first)).resolves.toMatchObject({
        outcome: 'refused',
        reason: expect.stringContaining('replaced by a later one') as string,
      });

      const sent = standIn.requests.length;
      await databaseIsLost();
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
    },
  );

  it(
    'brings a credential back when Temporal’s database is deleted and the same file is applied',
    { concurrent: false },
    async () => {
      const spec = specOf('lost/same-file');
      const sent = standIn.requests.length;
      await databaseIsLost();

      await expect(keepers().apply(spec)).resolves.toEqual({ outcome: 'started' });
      const back = await tokens().get(spec.id);
      expect(back).toMatchObject({ status: 'fresh', generation: ROTATIONS });
      expect(standIn.requests).toHaveLength(sent);
      const next = await tokens().refresh(spec.id, { afterGeneration: ROTATIONS });
      expect(next.generation).toBe(ROTATIONS + 1);
      expect(reused()).toEqual([]);
    },
  );

  it(
    'brings back the credential of a real authorization server, which revokes a grant whose token comes twice',
    { concurrent: false },
    async () => {
      const spec = specOf('lost/real-server');
      await databaseIsLost();
      await expect(keepers().apply(spec)).resolves.toEqual({ outcome: 'started' });
      await expect(tokens().get(spec.id)).resolves.toMatchObject({ generation: ROTATIONS });
      expect(authorization.spent).toHaveLength(ROTATIONS);

      const next = await tokens().refresh(spec.id, { afterGeneration: ROTATIONS });
      expect(next).toMatchObject({ status: 'fresh', generation: ROTATIONS + 1 });
      expect(new Set(authorization.spent).size).toBe(ROTATIONS + 1);
      expect(authorization.spent).toHaveLength(ROTATIONS + 1);
    },
  );

  it(
    'goes on with a credential on another cluster, whose namespace has the same name, with the same journal and file',
    { concurrent: false },
    async () => {
      const spec = specOf('lost/moved');
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
      }
    },
  );
});
