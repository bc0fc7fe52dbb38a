import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import {
  carriedStateQuery,
  ensureFreshUpdate,
  forceRefreshSignal,
  statusQuery,
  tokenQuery,
} from '../../src/contract/message-definitions.js';
import { keeperWorkflowId } from '../../src/contract/names.js';
import { generateKey } from '../../src/encryption/key-ring.js';
import { createSealer } from '../../src/encryption/sealer.js';
import { openPostgresJournal } from '../../src/journal/postgres-journal.js';
import { RUN_MAX_EVENTS } from '../../src/policy/keeper-numbers.js';
import { CliProcess } from '../support/cli-process.js';
import { entryOf } from '../support/journal-conformance.js';
import { createMarker, formsFound } from '../support/marker.js';
import { PostgresServer } from '../support/postgres-server.js';
import { freshRequest, forceRequest } from '../support/requests.js';
import { shared } from '../support/shared-resources.js';
import { type CanaryCredential, canaryCredentials, WORKER_SECRET } from './canary-credentials.js';
import { journalInPostgres } from './canary-journals.js';
import { CanaryRig } from './canary-rig.js';
import { EchoingProvider } from './echoing-provider.js';

const marker = createMarker();
let secrets = 0;
/** With characters that other encodings write otherwise, which the marker has not. */
const newSecret = (): string => `s+/${marker}~${(secrets += 1)}=`;
/** The token of a provider that hands out JWTs. */
const newJwt = (): string =>
  ['{"alg":"none"}', JSON.stringify({ jti: newSecret() }), marker]
    .map((part) => Buffer.from(part).toString('base64url'))
    .join('.');

const PLACES = [
  'the database while it is written',
  'the database at rest',
  'the log of the server',
  'the log of the worker',
  'the metrics page',
  'the names of the journal',
  'the journal',
  'the histories, failures and memos',
  'the workflow ids and search attributes',
];

let provider: EchoingProvider;
let credentials: readonly CanaryCredential[];

beforeAll(async () => {
  provider = await EchoingProvider.start(() => (secrets % 2 === 0 ? newSecret() : newJwt()));
  credentials = canaryCredentials((behaviour) => provider.address(behaviour), newSecret);
});
afterAll(() => provider.close());

/** Brings each credential to the end of its first refresh, however that ends. */
async function takeEveryPath(rig: CanaryRig): Promise<void> {
  for (const { entry } of credentials) await rig.apply(entry);
  for (const path of ['klavi', 'refused']) {
    await rig.keepers.forceRefresh(`canary/${path}`, forceRequest());
  }
  await Promise.all(
    credentials.map(({ entry, logged }) => rig.logged(`"${entry.id}"`, `"${logged}"`)),
  );
}

describe('with encryption, a secret is', () => {
  let rig: CanaryRig;
  let places: ReadonlyMap<string, Buffer>;
  const output = new Map<string, string>();

  beforeAll(async () => {
    rig = await CanaryRig.open({
      EVERTOKEN_ENCRYPTION_KEYS: generateKey(),
      [WORKER_SECRET]: newSecret(),
    });
    await takeEveryPath(rig);
    await useKeepers();
    await runCommands();
    places = await rig.endAndCollect();
  }, 300_000);

  afterAll(() => rig.remove());

  it.each(PLACES)('not in %s', (place) => {
    const content = places.get(place);
    expect(content?.length).toBeGreaterThan(0);
    expect(formsFound(marker, content ?? Buffer.alloc(0))).toEqual([]);
  });

  it('not in what the commands print, save for the one that prints a token', () => {
    for (const [command, text] of output) {
      const isToken = command === 'token canary/oauth2';
      expect(formsFound(marker, Buffer.from(text)).length > 0, command).toBe(isToken);
    }
  });

  it('looked for where all of this has happened', () => {
    const text = (place: string): string => places.get(place)?.toString() ?? '';
    for (const { path } of credentials) {
      expect(text('the workflow ids and search attributes')).toContain(`credential:canary/${path}`);
      expect(text('the log of the worker')).toContain(`canary/${path}`);
      expect(text('the database at rest')).toContain(`canary/${path}`);
    }
    expect(text('the metrics page')).toContain('evertoken_refresh_failures');
    const histories = text('the histories, failures and memos');
    expect(histories).toContain('WORKFLOW_EXECUTION_CONTINUED_AS_NEW');
    expect(histories).toContain('WORKFLOW_EXECUTION_CANCELED');
    expect(histories).toContain('WORKFLOW_EXECUTION_FAILED');
    expect(histories).toContain('WORKFLOW_EXECUTION_COMPLETED');
    const messages = [...histories.matchAll(/"(?:message|stackTrace)":"([^"]*)"/g)];
    expect(new Set(messages.map(([, message]) => message))).toEqual(new Set(['Encoded failure']));
  });

  /** Whatever can be asked of a keeper that runs or has ended. */
  async function useKeepers(): Promise<void> {
    const keeper = (path: string) =>
      rig.client.workflow.getHandle(keeperWorkflowId(`canary/${path}`));
    const oauth2 = keeper('oauth2');
    const current = await oauth2.query(tokenQuery);
    expect(formsFound(marker, Buffer.from(JSON.stringify(current)))).not.toEqual([]);
    await oauth2.query(statusQuery);
    await oauth2.query(carriedStateQuery);
    const request = { minValidityMs: 1_000, afterGeneration: current.generation };
    await oauth2.executeUpdate(ensureFreshUpdate, { args: [freshRequest(request)] });
    await expect(
      oauth2.executeUpdate(ensureFreshUpdate, { args: [freshRequest({ minValidityMs: 1e12 })] }),
    ).rejects.toThrow();
    await expect(
      keeper('down').executeUpdate(ensureFreshUpdate, {
        args: [freshRequest({ minValidityMs: 1_000 })],
      }),
    ).rejects.toThrow();

    const { runId } = await oauth2.describe();
    const signals = Array.from({ length: RUN_MAX_EVENTS }, () =>
      oauth2.signal(forceRefreshSignal, forceRequest({ unusableGeneration: 0 })),
    );
    await Promise.all(signals);
    await vi.waitUntil(async () => (await oauth2.describe()).runId !== runId, {
      timeout: 60_000,
      interval: 500,
    });

    for (const path of ['permanent', 'abitmedia']) {
      const entry = credentials.find((credential) => credential.path === path)?.entry;
      await rig.apply({ ...entry, material: { ...entry?.material, refreshToken: newSecret() } });
    }
    await rig.keepers.stop('canary/klavi');
    await keeper('vmware').cancel();
    await Promise.allSettled(['klavi', 'vmware', 'permanent'].map((path) => keeper(path).result()));
  }

  async function runCommands(): Promise<void> {
    const broken = join(rig.folder, 'broken.yaml');
    await writeFile(
      broken,
      `credentials: [{ id: "${newSecret()}", material: { refreshToken: "${newSecret()}`,
    );
    const wrong = join(rig.folder, 'wrong.json');
    const entry = {
      id: 'canary/wrong',
      provider: newSecret(),
      material: { refreshToken: `${newSecret()}\n`, [`accessToken:${newSecret()}`]: null },
    };
    await writeFile(
      wrong,
      JSON.stringify({ credentials: [entry, { ...entry, provider: 'oauth2' }] }),
    );
    const commands = [
      'token canary/oauth2',
      'token canary/permanent',
      'status canary/permanent',
      'status canary/oauth2 --output json',
      'list --output json',
      'refresh canary/vmware-permanent',
      'doctor',
      `apply -f ${broken}`,
      `apply -f ${wrong}`,
    ];
    for (const command of commands) {
      const running = await CliProcess.start(command.split(' '), rig.env);
      await running.ended();
      output.set(command, running.lines.join('\n'));
    }
  }
});

describe('with encryption and the journal in PostgreSQL, a secret is', () => {
  let server: PostgresServer;
  let rig: CanaryRig;
  let places: ReadonlyMap<string, Buffer>;

  beforeAll(async () => {
    server = await PostgresServer.create(await shared('postgresInstallation'));
    rig = await CanaryRig.open(
      { EVERTOKEN_ENCRYPTION_KEYS: generateKey(), [WORKER_SECRET]: newSecret() },
      journalInPostgres(server),
    );
    await takeEveryPath(rig);
    places = await rig.endAndCollect();
  }, 300_000);

  afterAll(async () => {
    await rig.remove();
    await server.remove();
  });

  it.each([
    'the files of the journal’s database',
    'the log of the journal’s database',
    'the log of the worker',
  ])('not in %s', (place) => {
    const content = places.get(place);
    expect(content?.length).toBeGreaterThan(0);
    expect(formsFound(marker, content ?? Buffer.alloc(0))).toEqual([]);
  });

  it('but would be found there, were it not sealed', async () => {
    await server.start();
    const plain = createSealer({ allowPlaintext: true });
    const journal = await openPostgresJournal(server.url, 'default', plain);
    await journal.update('canary/plain', () => ({ ...entryOf(1), lineage: newSecret() }));
    await journal.close();
    await server.stop();
    expect(formsFound(marker, await server.contentAtRest())).not.toEqual([]);
  });
});

describe('without encryption, a secret is found', () => {
  let rig: CanaryRig;
  let places: ReadonlyMap<string, Buffer>;

  beforeAll(async () => {
    rig = await CanaryRig.open({ EVERTOKEN_ALLOW_PLAINTEXT: 'true' });
    const [granted] = credentials;
    if (granted === undefined) throw new Error('no credential');
    await rig.apply(granted.entry);
    await rig.logged(`"${granted.entry.id}"`, `"${granted.logged}"`);
    places = await rig.endAndCollect();
  }, 300_000);

  afterAll(() => rig.remove());

  it.each([
    'the database while it is written',
    'the database at rest',
    'the journal',
    'the histories, failures and memos',
  ])('in %s', (place) => {
    expect(formsFound(marker, places.get(place) ?? Buffer.alloc(0))).not.toEqual([]);
  });
});
