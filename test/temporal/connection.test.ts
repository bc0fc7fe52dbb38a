import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import type { Http2Server, ServerHttp2Session } from 'node:http2';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import type { Connection } from '@temporalio/client';
import { afterEach, describe, expect, it } from 'vitest';
import { KeyRing, generateKey } from '../../src/encryption/key-ring.js';
import { TemporalUnreachableError } from '../../src/temporal/connect-in-time.js';
import { createClient, loadTemporalTarget, openConnection } from '../../src/temporal/connection.js';
import { TemporalSettingsError } from '../../src/temporal/settings-error.js';
import { openNativeConnection } from '../../src/temporal/worker-connection.js';
import { startGrpcServer } from '../support/grpc-server.js';
import { writeTemporalProfile } from '../support/temporal-profile.js';

const CANARY = 'CANARY';
const RESOURCE_EXHAUSTED = '8';
const UNAVAILABLE = '14';
/** No user's own configuration file takes part. */
const NO_FILE = { TEMPORAL_CONFIG_FILE: '/nonexistent/temporal.toml' };
const closers: (() => void)[] = [];

afterEach(() => closers.splice(0).forEach((close) => close()));

async function grpcServer(
  ...answers: Parameters<typeof startGrpcServer>
): Promise<{ address: string; server: Http2Server }> {
  const started = await startGrpcServer(...answers);
  closers.push(() => started.server.close());
  return started;
}

function targetOf(address: string) {
  return loadTemporalTarget({ ...NO_FILE, TEMPORAL_ADDRESS: address }, { allowCleartext: false });
}

describe('loadTemporalTarget', () => {
  it('takes a local server and the namespace default where nothing is set', () => {
    expect(loadTemporalTarget(NO_FILE, { allowCleartext: false })).toMatchObject({
      address: 'localhost:7233',
      namespace: 'default',
    });
  });

  it("reads Temporal's own variables, and turns TLS on for an API key", () => {
    const target = loadTemporalTarget(
      {
        ...NO_FILE,
        TEMPORAL_ADDRESS: 'eu.tmprl.cloud:7233',
        TEMPORAL_NAMESPACE: 'acme.prod',
        TEMPORAL_API_KEY: CANARY,
      },
      { allowCleartext: false },
    );

    expect(target).toMatchObject({ address: 'eu.tmprl.cloud:7233', namespace: 'acme.prod' });
    expect(target.options).toMatchObject({ apiKey: CANARY, tls: true });
  });

  it('refuses a server beyond this machine without TLS, unless the network is said to be safe', () => {
    const env = { ...NO_FILE, TEMPORAL_ADDRESS: 'temporal.internal:7233' };

    expect(() => loadTemporalTarget(env, { allowCleartext: false })).toThrow(
      /TLS is off.*TEMPORAL_TLS=true.*EVERTOKEN_ALLOW_CLEARTEXT=true/,
    );
    expect(loadTemporalTarget(env, { allowCleartext: true }).address).toBe(env.TEMPORAL_ADDRESS);
    const sealed = { ...env, TEMPORAL_TLS: 'true' };
    expect(loadTemporalTarget(sealed, { allowCleartext: false }).address).toBe(
      env.TEMPORAL_ADDRESS,
    );
  });

  it('sends no API key in clear text beyond this machine where TLS is turned off', () => {
    const env = {
      ...NO_FILE,
      TEMPORAL_ADDRESS: 'temporal.internal:7233',
      TEMPORAL_API_KEY: CANARY,
      TEMPORAL_TLS: 'false',
    };

    expect(() => loadTemporalTarget(env, { allowCleartext: false })).toThrow(TemporalSettingsError);
    expect(loadTemporalTarget(env, { allowCleartext: true }).options.tls).toBe(false);
  });

  it.each(['127.0.0.1:7233', '[::1]:7233', 'localhost:7233'])(
    'reaches a server of this machine without TLS: %s',
    (address) => {
      expect(targetOf(address).address).toBe(address);
    },
  );

  it.each([
    'TEMPORAL_ADDRESS',
    'TEMPORAL_NAMESPACE',
    'TEMPORAL_API_KEY',
    'TEMPORAL_TLS',
    'TEMPORAL_TLS_SERVER_NAME',
    'TEMPORAL_TLS_CLIENT_CERT_PATH',
  ])('takes an empty variable for one that is not set: %s', (name) => {
    const target = loadTemporalTarget({ ...NO_FILE, [name]: '' }, { allowCleartext: false });
    expect(target).toEqual(loadTemporalTarget(NO_FILE, { allowCleartext: false }));
  });

  it('keeps TLS on for an API key beside an empty TEMPORAL_TLS', () => {
    const env = { ...NO_FILE, TEMPORAL_API_KEY: CANARY, TEMPORAL_TLS: '' };
    expect(loadTemporalTarget(env, { allowCleartext: false }).options.tls).toBe(true);
  });

  it('takes an empty file or profile for none, and an empty header for the end of one of the profile', () => {
    const folder = mkdtempSync(join(tmpdir(), 'evertoken-'));
    closers.push(() => rmSync(folder, { recursive: true }));
    const home = writeTemporalProfile(
      folder,
      '[profile.default]\nnamespace = "of-the-profile"\n[profile.default.grpc_meta]\nx-team = "a"\n',
    );
    const read = (env: NodeJS.ProcessEnv) =>
      loadTemporalTarget({ ...home, ...env }, { allowCleartext: false });

    const unset = read({ TEMPORAL_CONFIG_FILE: '', TEMPORAL_PROFILE: '' });
    expect(unset).toMatchObject({
      namespace: 'of-the-profile',
      options: { metadata: { 'x-team': 'a' } },
    });
    expect(read({ 'TEMPORAL_GRPC_META_X-TEAM': '' }).options.metadata).toEqual({});
  });

  it('quotes nothing of a configuration file that cannot be read', () => {
    const folder = mkdtempSync(join(tmpdir(), 'evertoken-'));
    closers.push(() => rmSync(folder, { recursive: true }));
    const file = join(folder, 'temporal.toml');
    writeFileSync(file, `[profile.default]\napi_key = ${CANARY} unquoted\n`);

    expect(() =>
      loadTemporalTarget({ TEMPORAL_CONFIG_FILE: file }, { allowCleartext: false }),
    ).toThrow(TemporalSettingsError);
    expect(() =>
      loadTemporalTarget({ TEMPORAL_CONFIG_FILE: file }, { allowCleartext: false }),
    ).not.toThrow(CANARY);
  });
});

it.each([
  ...['http://localhost:7233', 'https://acme.tmprl.cloud:7233', 'localhost:7233\n'],
  ...['::1:7233', 'localhost:port', 'localhost:', ':7233', 'localhost:99999'],
])('an address that is no host and port is named as the cause: %j', (address) => {
  expect(() => targetOf(address)).toThrow('the address is host:port, without https://');
});

describe('settings that no call can carry', () => {
  it.each([
    ['an API key that ends in a line feed', { TEMPORAL_API_KEY: `${CANARY}\n` }],
    ['a header that ends in a line feed', { 'TEMPORAL_GRPC_META_X-TEAM': `${CANARY}\n` }],
    [
      'a client certificate that is none',
      { TEMPORAL_TLS_CLIENT_CERT_DATA: CANARY, TEMPORAL_TLS_CLIENT_KEY_DATA: CANARY },
    ],
  ])('are named as the cause, and quoted nowhere: %s', (_what, settings) => {
    let error: unknown;
    try {
      loadTemporalTarget({ ...NO_FILE, ...settings }, { allowCleartext: false });
    } catch (thrown) {
      error = thrown;
    }
    expect(error).toBeInstanceOf(TemporalSettingsError);
    expect(String(error)).toContain('a line end');
    expect(inspect(error, { depth: 9 })).not.toContain(CANARY);
  });
});

describe('openConnection', () => {
  it('connects, and makes clients of the namespace', async () => {
    const { address } = await grpcServer('0');
    const target = targetOf(address);

    const connection = await openConnection(target);
    closers.push(() => void connection.close());
    const client = createClient(target, connection, {
      keyRing: KeyRing.parse(generateKey()),
      allowPlaintext: false,
    });

    expect(client.options.namespace).toBe('default');
    expect(client.options.loadedDataConverter.payloadCodecs).toHaveLength(1);
  });

  it('leaves nothing open where the server refuses', async () => {
    const { address, server } = await grpcServer('16');
    const sessions: ServerHttp2Session[] = [];
    server.on('session', (session) => sessions.push(session));
    await expect(openConnection(targetOf(address))).rejects.toThrow('refuses the API key');
    await expect.poll(() => sessions.map(({ destroyed }) => destroyed)).toEqual([true]);
  });

  it('says when the server refuses the API key', async () => {
    const { address } = await grpcServer('16');
    await expect(openConnection(targetOf(address))).rejects.toEqual(
      new TemporalUnreachableError('refused', address),
    );
  });
});

describe('a call that the server turns away again and again', () => {
  it('tells why, and not that its time is over, once no further try would come in time', async () => {
    const { address } = await grpcServer(RESOURCE_EXHAUSTED, '0');
    const connection = await openConnection(targetOf(address));
    closers.push(() => void connection.close());
    const call = connection.withDeadline(Date.now() + 1_000, () =>
      connection.workflowService.describeNamespace({ namespace: 'default' }),
    );
    await expect(call).rejects.toMatchObject({ code: Number(RESOURCE_EXHAUSTED) });
  });
});

describe('a connection that is closed', () => {
  /** Closes it once the server has a call of it, which then ends by that alone. */
  async function expectCutShort(server: Http2Server, connection: Connection): Promise<void> {
    const asked = once(server, 'stream');
    const call = connection.workflowService.describeNamespace({ namespace: 'default' });
    await asked;

    await connection.close();

    await expect(call).rejects.toMatchObject({ code: 1, details: 'the connection was closed' });
  }

  it('ends a call that waits for its next try, and not the process', async () => {
    const { address, server } = await grpcServer(UNAVAILABLE, '0');
    const target = targetOf(address);
    const connection = await openConnection(target);
    await expectCutShort(server, connection);
  });

  it('ends a call that the server does not answer', async () => {
    const { address, server } = await grpcServer('0');
    const connection = await openConnection(targetOf(address));
    server.removeAllListeners('stream');
    await expectCutShort(server, connection);
  });

  it('takes no further call', async () => {
    const { address } = await grpcServer('0');
    const target = loadTemporalTarget(
      { ...NO_FILE, TEMPORAL_ADDRESS: address, TEMPORAL_API_KEY: CANARY, TEMPORAL_TLS: 'false' },
      { allowCleartext: false },
    );
    const connection = await openConnection(target);
    await connection.close();

    const error: unknown = await connection.workflowService
      .describeNamespace({ namespace: 'default' })
      .catch((e: unknown) => e);

    expect(error).toMatchObject({ code: 1 });
    expect(inspect(error, { depth: 9 })).not.toContain(CANARY);
  });
});

describe('openNativeConnection', () => {
  it('names the address of a server that does not answer, and nothing secret', async () => {
    const { address, server } = await grpcServer('0');
    server.close();
    await once(server, 'close');
    const target = loadTemporalTarget(
      {
        ...NO_FILE,
        TEMPORAL_ADDRESS: address,
        TEMPORAL_API_KEY: CANARY,
      },
      { allowCleartext: false },
    );

    const error: unknown = await openNativeConnection(target).catch((e: unknown) => e);

    expect(error).toEqual(new TemporalUnreachableError('no_answer', address));
    expect(String(error)).toContain(`[address=${address}]`);
    expect(JSON.stringify(error)).not.toContain(CANARY);
  });

  it('says when the server refuses the API key', async () => {
    const { address } = await grpcServer('7');
    await expect(openNativeConnection(targetOf(address))).rejects.toEqual(
      new TemporalUnreachableError('refused', address),
    );
  });

  it('compresses nothing: sealed payloads get no smaller, and each call would cost memory', async () => {
    const { address, server } = await grpcServer('0');
    const encodings: unknown[] = [];
    server.on('stream', (_, headers) => encodings.push(headers['grpc-encoding'] ?? 'none'));
    const connection = await openNativeConnection(targetOf(address));
    await connection.close();
    expect(new Set(encodings)).toEqual(new Set(['none']));
  });
});
