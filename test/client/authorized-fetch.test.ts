import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { TokenClient } from '../../src/client/token-client.js';
import { TokenError } from '../../src/client/token-error.js';
import { answer, FakeKeepers } from './fake-keepers.js';

const seen: { authorization: string | undefined; body: string }[] = [];
let accepted = 'Bearer token-2';
const server = createServer((request, response) => {
  void text(request).then((body) => {
    const { authorization } = request.headers;
    seen.push({ authorization, body });
    response.writeHead(authorization === accepted ? 200 : 401).end('answer');
  });
});
let url: string;
let keepers: FakeKeepers;
let tokens: TokenClient;

beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
});
afterAll(() => void server.close());
beforeEach(() => {
  seen.length = 0;
  accepted = 'Bearer token-2';
  keepers = new FakeKeepers();
  keepers.answers.set('a', answer(1, 3_600_000));
  tokens = new TokenClient(keepers, () => 0);
});

describe('fetch', () => {
  it('adds the token and keeps the other headers', async () => {
    accepted = 'Bearer token-1';
    const response = await tokens.fetch('a', url, { method: 'POST', body: 'x' });
    expect(response.status).toBe(200);
    expect(seen).toEqual([{ authorization: 'Bearer token-1', body: 'x' }]);
  });

  it('refreshes once on a 401, fenced by the generation, and sends the request again', async () => {
    const response = await tokens.fetch('a', url, { method: 'POST', body: 'x' });
    expect(response.status).toBe(200);
    expect(seen.map(({ authorization }) => authorization)).toEqual([
      'Bearer token-1',
      'Bearer token-2',
    ]);
    expect(keepers.updates).toEqual([{ generation: 1, minValidityMs: 0, afterGeneration: 1 }]);
  });

  it('takes the token that the keeper has already, without a refresh, when rotation killed the cached one', async () => {
    await tokens.get('a');
    keepers.answers.set('a', answer(2, 2 * 3_600_000));
    const response = await tokens.fetch('a', url);
    expect(response.status).toBe(200);
    expect(seen.map(({ authorization }) => authorization)).toEqual([
      'Bearer token-1',
      'Bearer token-2',
    ]);
    expect(keepers.updates).toEqual([]);
  });

  it('makes one refresh for many requests that met the same dead token', async () => {
    await Promise.all(Array.from({ length: 20 }, () => tokens.fetch('a', url)));
    expect(keepers.updates).toHaveLength(1);
  });

  it('tries no third time', async () => {
    accepted = 'none';
    const response = await tokens.fetch('a', url);
    expect([response.status, seen.length]).toEqual([401, 2]);
  });

  it('gives the 401 back for a body that can be read only once, and has the token refreshed', async () => {
    const body = new ReadableStream({
      start(controller) {
        controller.enqueue(new TextEncoder().encode('once'));
        controller.close();
      },
    });
    const init = { method: 'POST', body, duplex: 'half' } as RequestInit;
    const response = await tokens.fetch('a', url, init);
    expect([response.status, seen.length, keepers.updates.length]).toEqual([401, 1, 1]);
    await expect(response.text()).resolves.toBe('answer');
  });

  it('sends the request again also where the body of the 401 breaks off during the refresh', async () => {
    const breaking = createServer((request, response) => {
      if (request.headers.authorization === accepted) response.end('answer');
      else response.writeHead(401, { 'content-length': '100' }).write('a part');
    });
    await new Promise<void>((resolve) => breaking.listen(0, '127.0.0.1', resolve));
    keepers.onUpdate = async () => {
      breaking.closeAllConnections();
      // By the time of another answer, this process knows that the connection has ended.
      await fetch(url);
      return answer(2, 2 * 3_600_000);
    };
    const { port } = breaking.address() as AddressInfo;
    const response = await tokens.fetch('a', `http://127.0.0.1:${port}/`);
    expect(response.status).toBe(200);
    breaking.close();
  });

  it('gives the 401 back, unread, when no fresh token can be had', async () => {
    keepers.onUpdate = async (id) => {
      throw new TokenError('UNAVAILABLE', id, 'away');
    };
    const response = await tokens.fetch('a', url);
    expect(response.status).toBe(401);
    await expect(response.text()).resolves.toBe('answer');
  });

  it('ends its wait for a token by the signal of the request itself', async () => {
    keepers.onQuery = () => new Promise(() => undefined);
    const abort = new AbortController();
    const response = tokens.fetch('a', new Request(url, { signal: abort.signal }));
    abort.abort(new Error('enough'));
    await expect(response).rejects.toThrow('enough');
  });

  it('waits for a token whatever the signal of a request says that is overruled', async () => {
    accepted = 'Bearer token-1';
    const request = new Request(url, { signal: AbortSignal.abort() });
    expect((await tokens.fetch('a', request, { signal: null })).status).toBe(200);
  });

  it('does not send a token over plain http to another machine', async () => {
    await expect(tokens.fetch('a', 'http://api.example.com/')).rejects.toThrow(TypeError);
    await expect(tokens.fetch('a', 'https://me:canary@api.example.com/')).rejects.toThrow(
      /no address with a user name or password \[host=api\.example\.com\]$/,
    );
    expect(keepers.queries).toBe(0);
  });

  it('writes other schemes as the provider does', async () => {
    const known = answer(1, 3_600_000);
    if (known.token === undefined) throw new Error('no token');
    keepers.answers.set('a', { ...known, token: { ...known.token, tokenType: 'Zoho-oauthtoken' } });
    accepted = 'Zoho-oauthtoken token-1';
    expect((await tokens.fetch('a', url)).status).toBe(200);
  });
});
