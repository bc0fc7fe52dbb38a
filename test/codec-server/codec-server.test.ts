import { once } from 'node:events';
import { createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { defaultPayloadConverter } from '@temporalio/common';
import type { Payload, SerializationContext } from '@temporalio/common';
import type { FastifyInstance } from 'fastify';
import { exportJWK, generateKeyPair, SignJWT } from 'jose';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type CodecServerParts, createCodecServer } from '../../src/codec-server/codec-server.js';
import { payloadsFromJson, payloadsToJson } from '../../src/codec-server/payloads-json.js';
import { KeyRing, generateKey } from '../../src/encryption/key-ring.js';
import { EncryptionCodec } from '../../src/encryption/payload-codec.js';
import { CODEC_BODY_MAX_BYTES, CODEC_PAYLOADS_MAX } from '../../src/codec-server/numbers.js';
import { createLogger } from '../../src/telemetry/logger.js';

const UI = 'http://127.0.0.1:8233';
const encryption = { keyRing: KeyRing.parse(generateKey()), allowPlaintext: false };
const codec = new EncryptionCodec(encryption);
const stranger = new EncryptionCodec({
  keyRing: KeyRing.parse(generateKey().replace(/^[^:]+/, 'lost-key')),
  allowPlaintext: false,
});

let server: FastifyInstance;
let address: string;

beforeAll(async () => {
  const logger = createLogger({ logLevel: 'error' });
  server = await createCodecServer({ encryption, corsOrigins: [UI], encodes: true, logger });
  address = await server.listen({ host: '127.0.0.1', port: 0 });
});

afterAll(() => server.close());

const payloadOf = (value: unknown): Payload => defaultPayloadConverter.toPayload(value);
const HERE: SerializationContext = {
  type: 'workflow',
  namespace: 'default',
  workflowId: 'credential:acme/klavi',
};
const sealed = async (value: unknown) => codec.encode([payloadOf(value)], HERE);

function post(path: string, body: unknown, headers: Record<string, string> = {}) {
  return fetch(address + path, {
    method: 'POST',
    headers: { 'content-type': 'application/json', origin: UI, ...headers },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });
}

async function payloadsIn(response: Response): Promise<Payload[]> {
  expect(response.status).toBe(200);
  return payloadsFromJson((await response.json()) as Parameters<typeof payloadsFromJson>[0]);
}

async function shown(payloads: readonly Payload[]): Promise<unknown[]> {
  const answered = await payloadsIn(await post('/decode', payloadsToJson(payloads)));
  return answered.map((payload) => defaultPayloadConverter.fromPayload(payload));
}

const JSON_BODY = { 'content-type': 'application/json' };

/** Another server for the time of the work. */
async function withServer(
  parts: Partial<CodecServerParts>,
  work: (url: string) => Promise<void>,
): Promise<void> {
  const logger = createLogger({ logLevel: 'error' });
  const other = await createCodecServer({ encryption, corsOrigins: [UI], logger, ...parts });
  try {
    await work(await other.listen({ host: '127.0.0.1', port: 0 }));
  } finally {
    await other.close();
  }
}

describe('POST /decode', () => {
  it('shows what is sealed, in order, without its secrets', async () => {
    const answer = {
      id: 'acme/klavi',
      provider: 'klavi',
      status: 'fresh',
      generation: 3,
      token: { value: 'CANARY', tokenType: 'Bearer', issuedAtMs: 1, expiresAtMs: 2 },
    };

    const payloads = await codec.encode(
      [answer, 'next refresh of acme/klavi', null].map(payloadOf),
      HERE,
    );

    expect(await shown(payloads)).toEqual([
      { ...answer, token: { ...answer.token, value: '[secret]' } },
      'next refresh of acme/klavi',
      null,
    ]);
  });

  it('hides whole what is no JSON', async () => {
    const broken = { ...payloadOf('x'), data: Buffer.from('{"CANARY') };
    const payloads = await codec.encode([payloadOf(Buffer.from('CANARY')), broken], HERE);
    expect(await shown(payloads)).toEqual(['[secret]', '[secret]']);
  });

  it('says of a payload that it cannot open which key is missing, and shows the others', async () => {
    const payloads = [
      ...(await stranger.encode([payloadOf('x')], HERE)),
      ...(await sealed('status of acme/klavi may change')),
    ];
    expect(await shown(payloads)).toEqual([
      '[sealed with a key that is not in the ring [keyId=lost-key]]',
      'status of acme/klavi may change',
    ]);
  });

  it('says of a payload that it cannot open why, and shows the others, however long the name of its workflow is', async () => {
    const [whole] = await sealed('x');
    const metadata = {
      ...whole?.metadata,
      'evertoken-workflow-id': Buffer.from('x'.repeat(2_000)),
    };
    const payloads = [{ ...whole, metadata }, ...(await sealed('status of acme/klavi may change'))];
    expect(await shown(payloads)).toEqual([
      expect.stringContaining('does not open') as unknown,
      'status of acme/klavi may change',
    ]);
  });

  it('shows unsealed payloads without secrets too', async () => {
    const payloads = [
      payloadOf('terminated by an operator'),
      payloadOf({ access_token: 'CANARY' }),
    ];
    expect(await shown(payloads)).toEqual(['terminated by an operator', '[secret]']);
  });

  it('takes payloads without metadata and data', async () => {
    const response = await post('/decode', { payloads: [{}] });
    expect((await payloadsIn(response)).map((p) => defaultPayloadConverter.fromPayload(p))).toEqual(
      ['[secret]'],
    );
  });
});

describe('POST /encode', () => {
  const FORCE = { unusableGeneration: 4, credentialId: 'acme/klavi' };

  it('seals what operators send', async () => {
    const response = await post('/encode', payloadsToJson([payloadOf(FORCE)]));
    const opened = await codec.decode(await payloadsIn(response));
    expect(opened.map((p) => defaultPayloadConverter.fromPayload(p))).toEqual([FORCE]);
  });

  it('says when a force was sealed, so that a copy of it does nothing', async () => {
    const force = { ...FORCE, cuts: 'retry-after' };
    const before = Date.now();
    const response = await post('/encode', payloadsToJson([payloadOf(force)]));
    const [opened] = await codec.decode(await payloadsIn(response));
    const sealed = defaultPayloadConverter.fromPayload<typeof force & { wantedAtMs: number }>(
      opened ?? {},
    );
    expect(sealed).toMatchObject(force);
    expect(sealed.wantedAtMs).toBeGreaterThanOrEqual(before);
    expect(sealed.wantedAtMs).toBeLessThanOrEqual(Date.now());
  });

  it('seals nothing but a forced refresh: it cannot know for which keeper it seals', async () => {
    for (const value of [
      { unusableGeneration: 4 },
      { material: { accessToken: 'x' } },
      { minValidityMs: 0, generation: 1 },
    ]) {
      const response = await post('/encode', payloadsToJson([payloadOf(value)]));
      expect(response.status).toBe(400);
      expect(await response.json()).toEqual({
        message:
          'only a forced refresh that names its credential can be sealed without its workflow',
      });
    }
  });

  it('seals no force that is not JSON by its own words, however it reads', async () => {
    const force = payloadOf(Buffer.from(JSON.stringify({ ...FORCE, cuts: 'retry-after' })));
    expect((await post('/encode', payloadsToJson([force]))).status).toBe(400);
  });

  it('refuses to seal the mark of a hidden secret as if it were one', async () => {
    const body = payloadsToJson([payloadOf({ material: { accessToken: '[secret]' } })]);
    const response = await post('/encode', body);
    expect(response.status).toBe(400);
    expect(await response.json()).toEqual({
      message: expect.stringContaining('put the real value there') as string,
    });
  });

  it('is switched off unless somebody switches it on', async () => {
    await withServer({}, async (url) => {
      const response = await fetch(`${url}/encode`, {
        method: 'POST',
        headers: JSON_BODY,
        body: JSON.stringify(payloadsToJson([payloadOf({ unusableGeneration: 4 })])),
      });
      expect(response.status).toBe(403);
      expect(await response.text()).toContain('EVERTOKEN_CODEC_ENCODE');
    });
  });
});

describe('a caller', () => {
  const token = 'a-token-of-a-program-that-nobody-guesses';
  const ask = (url: string, headers: Record<string, string>): Promise<Response> =>
    fetch(`${url}/decode`, {
      method: 'POST',
      headers: { ...JSON_BODY, ...headers },
      body: '{"payloads":[]}',
    });

  it('is refused without the token that is asked for, and probes are not', async () => {
    await withServer({ callers: { token } }, async (url) => {
      for (const authorization of [
        '',
        'Bearer',
        'Bearer x',
        `Basic ${token}`,
        `Bearer ${token}x`,
      ]) {
        expect((await ask(url, { authorization })).status).toBe(401);
      }
      expect((await ask(url, { authorization: `Bearer ${token}` })).status).toBe(200);
      expect((await fetch(`${url}/readyz`)).status).toBe(200);
    });
  });

  it.each(['ES256', 'Ed25519', 'EdDSA'])(
    'is known by a token that the keys of a JWKS verify, for this audience and while it lives: %s',
    async (alg) => {
      const { privateKey, publicKey } = await generateKeyPair(alg);
      const jwk = { ...(await exportJWK(publicKey)), kid: 'k', alg };
      const keys = createServer((_request, response) =>
        response.end(JSON.stringify({ keys: [jwk] })),
      ).listen(0, '127.0.0.1');
      await once(keys, 'listening');
      const { port } = keys.address() as AddressInfo;
      const issuer = 'https://id.example';
      const jwt = { jwksUrl: `http://127.0.0.1:${port}/`, audience: 'temporal', issuer };
      const sign = (audience: string, expires: string, by = issuer): Promise<string> =>
        new SignJWT({})
          .setProtectedHeader({ alg, kid: 'k' })
          .setAudience(audience)
          .setIssuer(by)
          .setExpirationTime(expires)
          .sign(privateKey);
      const unsigned = `${btoa('{"alg":"none"}')}.${btoa('{"aud":"temporal"}')}.`.replace(/=/g, '');
      await withServer({ callers: { jwt } }, async (url) => {
        const status = async (presented: string): Promise<number> =>
          (await ask(url, { authorization: `Bearer ${presented}` })).status;
        expect(await status(await sign('temporal', '1h'))).toBe(200);
        expect(await status(await sign('other', '1h'))).toBe(401);
        expect(await status(await sign('temporal', '-1h'))).toBe(401);
        expect(await status(await sign('temporal', '1h', 'https://evil.example'))).toBe(401);
        expect(await status(unsigned)).toBe(401);
      });
      keys.close();
    },
  );

  it('is told to come again where the keys that would tell who it is cannot be read', async () => {
    let keysAnswer = '';
    const keys = createServer((_request, response) => response.end(keysAnswer));
    await once(keys.listen(0, '127.0.0.1'), 'listening');
    const { port } = keys.address() as AddressInfo;
    const { privateKey } = await generateKeyPair('ES256');
    const signed = await new SignJWT({}).setProtectedHeader({ alg: 'ES256' }).sign(privateKey);
    const log: string[] = [];
    const logger = createLogger({ logLevel: 'warn' }, { write: (line) => void log.push(line) });
    const jwt = { jwksUrl: `http://127.0.0.1:${port}/`, audience: 'temporal' };
    await withServer({ callers: { jwt }, logger }, async (url) => {
      const status = async (presented: string): Promise<number> =>
        (await ask(url, { authorization: `Bearer ${presented}` })).status;
      for (const answer of ['a page of a gateway', '{"keys":"none"}']) {
        keysAnswer = answer;
        expect(await status(signed)).toBe(503);
      }
      keys.close();
      keys.closeAllConnections();
      expect(await status(signed)).toBe(503);
      expect(await status('no.signed.token')).toBe(401);
    });
    expect(log.map((line) => JSON.parse(line) as unknown)).toEqual(
      ['JOSEError', 'JWKSInvalid', 'Error'].map((failureType): unknown =>
        expect.objectContaining({
          level: 'warn',
          msg: 'keys of EVERTOKEN_CODEC_JWKS_URL cannot be read',
          failureType,
        }),
      ),
    );
    expect(log[2]).toContain('ECONNREFUSED');
  });

  it('is refused that comes by a name that somebody made lead here', async () => {
    await withServer({ hosts: ['codec.example.com'] }, async (url) => {
      const { port } = new URL(url);
      expect(await statusAs(url, `evil.example:${port}`)).toBe(403);
      expect(await statusAs(url, `codec.example.com:${port}`)).toBe(200);
      expect(await statusAs(url, `localhost:${port}`)).toBe(200);
    });
  });

  /** `fetch` sets the host by itself. */
  function statusAs(url: string, host: string): Promise<number | undefined> {
    return new Promise((resolve, reject) => {
      const asking = request(`${url}/decode`, { method: 'POST', headers: { ...JSON_BODY, host } });
      asking.on('response', ({ statusCode }) => resolve(statusCode)).on('error', reject);
      asking.end('{"payloads":[]}');
    });
  }
});

describe('CORS', () => {
  it('lets the Temporal UI ask with the headers that it sends', async () => {
    const response = await fetch(`${address}/decode`, {
      method: 'OPTIONS',
      headers: {
        origin: UI,
        'access-control-request-method': 'POST',
        'access-control-request-headers': 'authorization,content-type,x-namespace',
      },
    });
    expect(response.status).toBe(204);
    expect(response.headers.get('access-control-allow-origin')).toBe(UI);
    expect(response.headers.get('access-control-allow-methods')).toContain('POST');
    expect(response.headers.get('access-control-allow-headers')).toContain('x-namespace');
    expect(response.headers.get('access-control-allow-credentials')).toBe('true');

    const answer = await post('/decode', { payloads: [] }, { 'x-namespace': 'default' });
    expect(answer.headers.get('access-control-allow-origin')).toBe(UI);
  });

  it('refuses requests of other pages, also before they are read', async () => {
    const body = payloadsToJson(await sealed('CANARY of two words'));
    const answers = await Promise.all([
      post('/decode', body, { origin: 'https://evil.example' }),
      post('/encode', body, { origin: address }),
      fetch(`${address}/decode`, {
        method: 'OPTIONS',
        headers: { origin: 'https://evil.example', 'access-control-request-method': 'POST' },
      }),
    ]);
    for (const response of answers) {
      expect(response.status).toBe(403);
      expect(response.headers.get('access-control-allow-origin')).toBeNull();
      expect(await response.text()).not.toContain('CANARY');
    }
  });

  it('answers programs, which send no origin', async () => {
    const response = await fetch(`${address}/decode`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: '{"payloads":[]}',
    });
    expect(await response.json()).toEqual({ payloads: [] });
  });
});

describe('codec server', () => {
  it('says that it is up', async () => {
    for (const probe of ['/livez', '/readyz']) {
      expect(await (await fetch(address + probe)).json()).toEqual({ status: 'ok' });
    }
  });

  it('opens no more payloads at once than a page has, so that nobody keeps it from answering', async () => {
    const payloads = Array.from({ length: CODEC_PAYLOADS_MAX + 1 }, () => ({}));
    const response = await post('/decode', { payloads });
    expect(response.status).toBe(413);
    expect(await response.json()).toEqual({
      message: `too many payloads [limit=${CODEC_PAYLOADS_MAX}]`,
    });
  });

  it('says in JSON what is wrong with a request, and quotes none of it', async () => {
    for (const [response, status] of [
      [await post('/decode', 'CANARY'), 400],
      [await post('/decode', { payloads: [{ data: 'not base64: CANARY' }] }), 400],
      [await post('/decode', { payloads: 'CANARY' }), 400],
      [await post('/decode', '{}', { 'content-type': 'text/html' }), 415],
      [await post('/decode', { payloads: [], pad: 'x'.repeat(CODEC_BODY_MAX_BYTES) }), 413],
      [await post('/CANARY', {}), 404],
    ] as const) {
      expect(response.status).toBe(status);
      const text = await response.text();
      expect(JSON.parse(text)).toEqual({ message: expect.any(String) as string });
      expect(text).not.toContain('CANARY');
    }
  });
});
