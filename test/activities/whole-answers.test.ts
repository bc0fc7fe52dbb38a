import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { ANSWER_MAX_BYTES } from '../../src/policy/attempt-numbers.js';
import { fingerprintOf } from '../../src/providers/fingerprint.js';
import { createSend } from '../../src/providers/wire/send.js';
import { RawServer } from '../support/raw-server.js';
import { answerOf, type CrossedFailure, RefreshRig } from '../support/refresh-rig.js';

const GRANT = { access_token: 'access-6', refresh_token: 'refresh-6', expires_in: 3600 };
const BODY = JSON.stringify(GRANT);
const JSON_TYPE = { 'content-type': 'application/json' };
const CREDENTIAL = {
  provider: 'oauth2',
  config: {
    tokenEndpoint: 'https://login.example/token',
    clientId: 'c',
    clientAuthentication: 'none',
  },
  material: { refreshToken: 'refresh-5' },
  lineage: fingerprintOf('refresh-5'),
};

/** What is spent next after an answer of a real server, or the code of the failure. */
async function spentNext(listener: RequestListener, deadlineMs = 5_000): Promise<string> {
  const server = createServer(listener).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const outcome = await spentNextAt(`http://127.0.0.1:${port}/token`, deadlineMs);
  server.closeAllConnections();
  server.close();
  return outcome;
}

async function spentNextAt(tokenEndpoint: string, deadlineMs: number): Promise<string> {
  const rig = new RefreshRig();
  rig.answer = createSend({ deadlineMs });
  const config = { ...CREDENTIAL.config, tokenEndpoint };
  return rig.attempt({ ...CREDENTIAL, config }).then(
    ({ replacedMaterial }) => replacedMaterial['refreshToken'] ?? 'none',
    (error: unknown) => (error as CrossedFailure).details[0].code,
  );
}

/** The same after bytes that a server writes in one piece. */
async function spentNextAfter(bytes: string): Promise<string> {
  const server = await RawServer.start((socket) => socket.end(bytes));
  const outcome = await spentNextAt(server.url, 5_000);
  server.close();
  return outcome;
}

describe('a rotated refresh token is not lost', () => {
  it.each([
    ['gzip', gzipSync(BODY)],
    ['x-gzip', gzipSync(BODY)],
    ['deflate', deflateSync(BODY)],
    ['deflate', deflateRawSync(BODY)],
    ['br', brotliCompressSync(BODY)],
    ['identity, gzip', gzipSync(BODY)],
    ['deflate, gzip', gzipSync(deflateSync(BODY))],
    // Not what it says.
    ['gzip, gzip', gzipSync(BODY)],
    ['gzip', Buffer.from(BODY)],
    ['identity', Buffer.from(BODY)],
  ])('where the server answers in %s all the same', async (coding, body) => {
    const headers = { ...JSON_TYPE, 'content-encoding': coding };
    expect(await spentNext((_, response) => response.writeHead(200, headers).end(body))).toBe(
      'refresh-6',
    );
  });

  it.each(['application/x-www-form-urlencoded', 'Text/Plain; charset=utf-8'])(
    'where the server answers with a form as %s',
    async (type) => {
      const form = 'access_token=access-6&expires_in=3600&refresh_token=refresh-6';
      const headers = { 'content-type': type };
      expect(await spentNext((_, response) => response.writeHead(200, headers).end(form))).toBe(
        'refresh-6',
      );
    },
  );

  it('where the server answers with a form as large as an answer may be', async () => {
    const fill = 'a&b='.repeat(200_000);
    const form = `access_token=access-6&refresh_token=refresh-6&${fill}`;
    const headers = { 'content-type': 'text/plain' };
    expect(await spentNext((_, response) => response.writeHead(200, headers).end(form))).toBe(
      'refresh-6',
    );
    const tooLarge = `${form}${fill}`;
    expect(await spentNext((_, response) => response.writeHead(200, headers).end(tooLarge))).toBe(
      'answer_too_large',
    );
  });

  it('where the answer has long headers', async () => {
    const headers = { ...JSON_TYPE, 'content-security-policy': 'x'.repeat(20_000) };
    expect(await spentNext((_, response) => response.writeHead(200, headers).end(BODY))).toBe(
      'refresh-6',
    );
  });

  const head = 'HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n';
  const length = `Content-Length: ${BODY.length}\r\n`;
  const chunks = `${BODY.length.toString(16)}\r\n${BODY}\r\n0\r\n\r\n`;
  it.each([
    ['something else behind it', `${head}${length}\r\n${BODY}<!-- end -->`],
    ['a length beside chunks', `${head}${length}Transfer-Encoding: chunked\r\n\r\n${chunks}`],
    [
      'a broken last chunk',
      `${head}Transfer-Encoding: chunked\r\n\r\n${chunks.replace('\r\n0', '\r\nz')}`,
    ],
    [
      'lines that end without a carriage return',
      `${head}${length}\r\n`.replaceAll('\r', '') + BODY,
    ],
    ['a control character in a header', `${head}X-Note: a\u0001b\r\n${length}\r\n${BODY}`],
  ])('where the server breaks the rules of HTTP: %s', async (_name, bytes) => {
    expect(await spentNextAfter(bytes)).toBe('refresh-6');
  });

  it.each([
    ['breaks', true],
    ['stands still', false],
  ])('where the connection %s before the last, empty chunk', async (_name, breaks) => {
    const listener: RequestListener = (_, response) => {
      response.writeHead(200, JSON_TYPE).write(BODY);
      if (breaks) setTimeout(() => response.socket?.destroy(), 50);
    };
    expect(await spentNext(listener, 1_000)).toBe('refresh-6');
  });

  it('where the connection breaks within a compressed answer whose text came', async () => {
    const headers = { ...JSON_TYPE, 'content-encoding': 'gzip' };
    const listener: RequestListener = (_, response) => {
      response.writeHead(200, headers).write(gzipSync(BODY).subarray(0, -8));
      setTimeout(() => response.socket?.destroy(), 50);
    };
    expect(await spentNext(listener)).toBe('refresh-6');
  });

  it.each([
    ['beside an error text', { ...GRANT, error: 'none' }],
    [
      'beside an error and no access token',
      { refresh_token: 'refresh-6', error: 'temporarily_unavailable' },
    ],
  ])('%s', async (_name, body) => {
    const rig = new RefreshRig();
    rig.answer = () => answerOf(200, body);
    await rig.failure(CREDENTIAL);
    const entry = await rig.journal.read('acme/shop');
    expect(entry?.successor?.replacedMaterial).toEqual({ refreshToken: 'refresh-6' });
    expect(entry?.doubt).toBeUndefined();
  });

  it.each([
    [
      'at the end of a form that ends with a line break',
      'access_token=access-6&expires_in=3600&refresh_token=refresh-6\r\n',
      'refresh-6',
    ],
    [
      'in texts that end with a line break',
      JSON.stringify({ ...GRANT, access_token: 'access-6\n', refresh_token: ' refresh-6\n' }),
      'refresh-6',
    ],
    ['as a number', JSON.stringify({ ...GRANT, refresh_token: 666_666 }), '666666'],
  ])('%s', async (_name, text, spent) => {
    const rig = new RefreshRig();
    const type = text.startsWith('{') ? 'application/json' : 'application/x-www-form-urlencoded';
    rig.answer = () => answerOf(200, text, { 'content-type': type });
    const result = await rig.attempt(CREDENTIAL);
    expect(result.token.value).toBe('access-6');
    expect(result.replacedMaterial).toEqual({ refreshToken: spent });
    expect((await rig.journal.read('acme/shop'))?.doubt).toBeUndefined();
  });
});

describe('an answer that cannot be read', () => {
  it('is no more of a decompression bomb than the longest answer', async () => {
    const bomb = gzipSync(Buffer.alloc(100 * ANSWER_MAX_BYTES, ' '));
    const headers = { ...JSON_TYPE, 'content-encoding': 'gzip' };
    expect(await spentNext((_, response) => response.writeHead(200, headers).end(bomb))).toBe(
      'answer_too_large',
    );
  });

  it('leaves doubt where it was cut within its text', async () => {
    const listener: RequestListener = (_, response) => {
      response.writeHead(200, JSON_TYPE).write(BODY.slice(0, -1));
      setTimeout(() => response.socket?.destroy(), 50);
    };
    expect(await spentNext(listener)).toBe('connection_lost');
  });

  it.each([[['refresh-6']], ['refresh\n6'], [1e300], ['x'.repeat(70_000)]])(
    'keeps its access token, and doubts the old refresh token where the new one is of no use',
    async (refresh_token) => {
      const rig = new RefreshRig();
      rig.answer = () => answerOf(200, { ...GRANT, refresh_token });
      expect((await rig.attempt(CREDENTIAL)).replacedMaterial).toEqual({
        refreshToken: 'refresh-5',
      });
      const entry = await rig.journal.read('acme/shop');
      expect(entry?.doubt?.fingerprint).toBe(fingerprintOf('refresh-5'));
      rig.answer = () => answerOf(400, { error: 'invalid_grant' });
      const next = await rig.failure({ ...CREDENTIAL, generation: 6, journalId: rig.journal.id });
      expect(next.details[0].code).toBe('outcome_unknown');
    },
  );

  it.each([[null], [''], [undefined]])(
    'doubts nothing where no refresh token came: %s',
    async (refresh_token) => {
      const rig = new RefreshRig();
      rig.answer = () => answerOf(200, { ...GRANT, refresh_token });
      await rig.attempt(CREDENTIAL);
      expect((await rig.journal.read('acme/shop'))?.doubt).toBeUndefined();
    },
  );
});

describe('extras that a provider brings', () => {
  it('never make a result larger than Temporal takes; the newest stay', async () => {
    const rig = new RefreshRig();
    const names = Array.from({ length: 60 }, (_, index) => `extra_${index}`);
    const config = { ...CREDENTIAL.config, extraFields: names };
    let extras = {};
    for (let round = 0; round < 4; round += 1) {
      const some = names.slice(round * 15, round * 15 + 15);
      const generation = 5 + round;
      const values = Object.fromEntries(some.map((name) => [name, 'x'.repeat(20_000)]));
      rig.answer = () =>
        answerOf(200, { ...GRANT, ...values, refresh_token: `refresh-${generation + 1}` });
      const material = { refreshToken: `refresh-${generation}` };
      const currentToken = { tokenType: 'Bearer', issuedAtMs: 1, expiresAtMs: 2, extras };
      const request = { ...CREDENTIAL, config, material, generation, currentToken };
      const { token } = await rig.attempt(request);
      extras = token.extras ?? {};
      expect(JSON.stringify(extras).length).toBeLessThan(100_000);
      expect(Object.keys(extras)).toEqual(some.slice(-4));
    }
  });
});
