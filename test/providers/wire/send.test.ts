import { createServer } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import { inspect } from 'node:util';
import { afterEach, describe, expect, it } from 'vitest';
import { ANSWER_MAX_BYTES } from '../../../src/policy/attempt-numbers.js';
import type { WireRequest } from '../../../src/providers/port.js';
import { WireError } from '../../../src/providers/wire-error.js';
import { createSend } from '../../../src/providers/wire/send.js';
import { listen, portOf, RawServer, type OnRequest } from '../../support/raw-server.js';

const GENEROUS_MS = 10_000;
const open: (() => void)[] = [];

afterEach(() => {
  for (const close of open.splice(0)) close();
});

async function startRaw(onRequest: OnRequest): Promise<RawServer> {
  const server = await RawServer.start(onRequest);
  open.push(() => server.close());
  return server;
}

const HELLO = 'HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nhello';

function post(url: string): WireRequest {
  return { method: 'POST', url, headers: { 'content-type': 'text/plain' }, body: 'spend' };
}

function get(url: string): WireRequest {
  return { method: 'GET', url, headers: {} };
}

async function failure(sent: Promise<unknown>): Promise<WireError> {
  const error: unknown = await sent.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!(error instanceof WireError)) throw new Error(`no WireError but ${String(error)}`);
  return error;
}

describe('sending', () => {
  it('hands over status, lower-case headers and text', async () => {
    const server = await startRaw((socket) => {
      socket.end('HTTP/1.1 201 Created\r\nRetry-After: 7\r\nContent-Length: 2\r\n\r\nok');
    });
    const answer = await createSend({ deadlineMs: GENEROUS_MS })(post(server.url));
    expect(answer).toMatchObject({ status: 201, text: 'ok' });
    expect(answer.headers).toMatchObject({ 'retry-after': '7' });
    expect(server.requests[0]).toMatch(/^POST \/refresh HTTP\/1\.1\r\n[^]*\r\n\r\nspend$/);
  });

  it('tells a server of an empty POST that its body is empty', async () => {
    const server = await startRaw((socket) => socket.end(HELLO));
    await createSend({ deadlineMs: GENEROUS_MS })({ method: 'POST', url: server.url, headers: {} });
    expect(server.requests[0]?.toLowerCase()).toContain('content-length: 0\r\n');
  });

  it.each(['GET', 'POST'] as const)(
    'sends a %s once though the server closes the connection after reading it',
    async (method) => {
      const server = await startRaw((socket) => socket.destroy());
      const error = await failure(
        createSend({ deadlineMs: GENEROUS_MS })({ method, url: server.url, headers: {} }),
      );
      expect(error).toMatchObject({ code: 'connection_lost', mayHaveBeenSent: true });
      expect(server.requests).toHaveLength(1);
      expect(server.connections).toBe(1);
    },
  );

  it('sends once where the answer is 421, after which fetch would send again', async () => {
    const server = await startRaw((socket) => {
      socket.end('HTTP/1.1 421 Misdirected Request\r\ncontent-length: 0\r\n\r\n');
    });
    const answer = await createSend({ deadlineMs: GENEROUS_MS })(post(server.url));
    expect(answer.status).toBe(421);
    expect(server.requests).toHaveLength(1);
  });

  it('opens a connection for each request, so that none meets one that is closing', async () => {
    const server = await startRaw((socket) => socket.write(HELLO));
    const send = createSend({ deadlineMs: GENEROUS_MS });
    await send(get(server.url));
    await send(get(server.url));
    expect(server.connections).toBe(2);
    expect(server.requests[0]?.toLowerCase()).toContain('connection: close\r\n');
  });

  it('returns a redirect without following it', async () => {
    const server = await startRaw((socket) => {
      socket.end(
        'HTTP/1.1 307 Temporary Redirect\r\nlocation: /again\r\ncontent-length: 0\r\n\r\n',
      );
    });
    const answer = await createSend({ deadlineMs: GENEROUS_MS })(post(server.url));
    expect(answer.status).toBe(307);
    expect(server.requests).toHaveLength(1);
  });

  it('knows that nothing was sent where no connection came about', async () => {
    const server = createServer();
    await listen(server);
    const url = `http://127.0.0.1:${portOf(server)}/`;
    await new Promise((resolve) => server.close(resolve));
    expect(await failure(createSend({ deadlineMs: GENEROUS_MS })(post(url)))).toMatchObject({
      code: 'not_connected',
      mayHaveBeenSent: false,
    });
  });

  it('knows that nothing was sent where the TLS handshake failed', async () => {
    const received: Buffer[] = [];
    const server = createTlsServer({}, (socket) =>
      socket.on('data', (data: Buffer) => received.push(data)),
    );
    await listen(server);
    open.push(() => server.close());
    const url = `https://127.0.0.1:${portOf(server)}/`;
    expect(await failure(createSend({ deadlineMs: GENEROUS_MS })(post(url)))).toMatchObject({
      code: 'not_connected',
      mayHaveBeenSent: false,
    });
    expect(received).toEqual([]);
  });

  it('knows that nothing was sent where the handshake outlasts the deadline', async () => {
    const server = await startRaw(() => undefined);
    const url = server.url.replace('http:', 'https:');
    expect(await failure(createSend({ deadlineMs: 300 })(post(url)))).toMatchObject({
      code: 'not_connected',
      mayHaveBeenSent: false,
    });
  });

  it('gives up at the deadline and says that the request may have gone out', async () => {
    const server = await startRaw(() => undefined);
    expect(await failure(createSend({ deadlineMs: 300 })(post(server.url)))).toMatchObject({
      code: 'deadline_exceeded',
      mayHaveBeenSent: true,
    });
  });

  it('counts the body towards the deadline, however it trickles', async () => {
    const server = await startRaw((socket) => {
      socket.write('HTTP/1.1 200 OK\r\ncontent-length: 1000000\r\n\r\n');
      const drip = setInterval(() => socket.write('x'), 20);
      socket.on('close', () => clearInterval(drip));
    });
    expect(await failure(createSend({ deadlineMs: 400 })(post(server.url)))).toMatchObject({
      code: 'deadline_exceeded',
      mayHaveBeenSent: true,
    });
  });

  it('refuses a body that ends before its length', async () => {
    const server = await startRaw((socket) => {
      socket.end('HTTP/1.1 200 OK\r\ncontent-length: 50\r\n\r\n{"token":');
    });
    expect(await failure(createSend({ deadlineMs: GENEROUS_MS })(post(server.url)))).toMatchObject({
      code: 'connection_lost',
      mayHaveBeenSent: true,
    });
  });

  it.each([
    ['not HTTP', 'SSH-2.0-OpenSSH_9.2\r\n'],
    [
      'a switch of protocols',
      'HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: x\r\n\r\n',
    ],
    ['a header without end', `HTTP/1.1 200 OK\r\nx: ${'y'.repeat(100_000)}`],
  ])('takes %s for a lost connection', async (_, answer) => {
    const server = await startRaw((socket) => socket.end(answer));
    expect(await failure(createSend({ deadlineMs: GENEROUS_MS })(post(server.url)))).toMatchObject({
      code: 'connection_lost',
      mayHaveBeenSent: true,
    });
  });

  it('reads an answer of the largest size and refuses one byte more', async () => {
    const server = await startRaw((socket, count) => {
      const bytes = count === 1 ? ANSWER_MAX_BYTES : ANSWER_MAX_BYTES + 1;
      socket.end(`HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n${'x'.repeat(bytes)}`);
    });
    const send = createSend({ deadlineMs: GENEROUS_MS });
    expect((await send(get(server.url))).text).toHaveLength(ANSWER_MAX_BYTES);
    expect(await failure(send(get(server.url)))).toMatchObject({
      code: 'answer_too_large',
      mayHaveBeenSent: true,
    });
  });

  it('does not send a header that would become two', async () => {
    const server = await startRaw((socket) => socket.end(HELLO));
    const request = { ...get(server.url), headers: { authorization: 'Bearer a\r\nx: b' } };
    const error = await failure(createSend({ deadlineMs: GENEROUS_MS })(request));
    expect(error).toMatchObject({ code: 'not_connected', mayHaveBeenSent: false });
    expect(server.connections).toBe(0);
  });

  it('says nothing of the request in its errors', async () => {
    const server = await startRaw((socket) => socket.destroy());
    const error = await failure(
      createSend({ deadlineMs: GENEROUS_MS })({
        method: 'POST',
        url: `${server.url}?refresh_token=CANARY`,
        headers: { authorization: 'Bearer CANARY' },
        body: 'CANARY',
      }),
    );
    expect(inspect(error, { depth: null })).not.toContain('CANARY');
  });
});

describe('destinations', () => {
  it.each([
    'http://example.com/',
    'http://10.0.0.1/',
    'http://127.0.0.1.example.com/',
    'http://localhost.example.com/',
    'https://user:secret@example.com/',
    'ftp://127.0.0.1/',
    'file:///etc/hostname',
    '//example.com',
    '',
  ])('refuses %j before anything is sent', async (url) => {
    expect(await failure(createSend({ deadlineMs: GENEROUS_MS })(get(url)))).toMatchObject({
      code: 'destination_refused',
      mayHaveBeenSent: false,
    });
  });

  it('lets http through on loopback', async () => {
    const server = await startRaw((socket) => socket.end(HELLO));
    const send = createSend({ deadlineMs: GENEROUS_MS });
    await expect(send(get(server.url))).resolves.toMatchObject({ status: 200 });
  });

  it('refuses a host that is not in the list, also on loopback', async () => {
    const server = await startRaw((socket) => socket.end(HELLO));
    const send = createSend({ deadlineMs: GENEROUS_MS, allowedHosts: ['api.example.com'] });
    expect(await failure(send(get(server.url)))).toMatchObject({ code: 'destination_refused' });
    expect(server.connections).toBe(0);
  });
});

describe('the address of a request', () => {
  const ISSUER = 'https://id.acme.example/realm';
  const send = createSend({ deadlineMs: GENEROUS_MS, refuseLoopback: true });
  const sendTo = (url: string, facts: Partial<WireRequest>, by = send) =>
    failure(by({ ...post(url), ...facts }));

  it.each([
    'https://evil.example/token',
    'https://acme.example/token',
    'https://other.acme.example/token',
    'https://id.acme.example.evil.example/token',
    'http://127.0.0.1:9/token',
  ])('named by an issuer’s metadata is refused on another host: %s', async (url) => {
    expect(await sendTo(url, { namedBy: ISSUER })).toMatchObject({
      code: 'destination_refused',
      mayHaveBeenSent: false,
    });
  });

  it('named by an issuer’s metadata may be another host that the worker allows', async () => {
    const server = await startRaw((socket) => socket.end(HELLO));
    const allowing = createSend({ deadlineMs: GENEROUS_MS, allowedHosts: ['127.0.0.1'] });
    expect(await allowing({ ...post(server.url), namedBy: ISSUER })).toMatchObject({ status: 200 });
  });

  it('on this machine by http is refused unless the worker was told otherwise', async () => {
    const server = await startRaw((socket) => socket.end(HELLO));
    expect(await sendTo(server.url, {})).toMatchObject({ code: 'destination_refused' });
    expect(server.requests).toEqual([]);
  });

  it('must be among the hosts of every secret that is in the request', async () => {
    const server = await startRaw((socket) => socket.end(HELLO));
    const local = createSend({ deadlineMs: GENEROUS_MS });
    const onlyTo = [['127.0.0.1'], ['auth.acme.example']];
    expect(await sendTo(server.url, { onlyTo }, local)).toMatchObject({
      code: 'destination_refused',
    });
    expect(server.requests).toEqual([]);
    expect(await local({ ...post(server.url), onlyTo: [['127.0.0.1']] })).toMatchObject({
      status: 200,
    });
  });
});
