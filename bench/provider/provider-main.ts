import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';
import { LOOPBACK } from '../../src/contract/loopback.js';
import { Grants } from './grants.js';
import type { FromProvider, ProviderOrder, ProviderRequest } from './messages.js';
import { tokenPathOf } from './token-path.js';

/** The provider of a benchmark, in a process of its own: its work is on nobody's bill, and it outlives the workers. */

const grants = new Grants();
let requests: ProviderRequest[] = [];
let cap = Number.POSITIVE_INFINITY;
let second = 0;
let inSecond = 0;
let watchedLeft = 0;
let held = Promise.resolve();
let release = (): void => undefined;

const server = createServer((request, response) => {
  // A client that was killed gets no answer.
  serve(request, response).catch(() => response.destroy());
});
server.keepAliveTimeout = 60_000;
server.listen(0, LOOPBACK, () => {
  const address = server.address();
  if (typeof address === 'object' && address !== null) tell({ port: address.port });
});

process.on('message', (order: ProviderOrder) => {
  if (order.do === 'take-requests') {
    tell({ requests });
    requests = [];
  } else if (order.do === 'count') {
    tell({ count: requests.filter(({ outcome }) => outcome === 'granted').length });
  } else if (order.do === 'cap') cap = order.perSecond;
  else if (order.do === 'grace') grants.graceMs = order.ms;
  else if (order.do === 'hold') held = new Promise((resolve) => (release = resolve));
  else if (order.do === 'release') release();
  else watchedLeft = order.count;
});
process.on('disconnect', () => process.exit());

async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const atMs = Date.now();
  const url = new URL(request.url ?? '/', 'http://provider');
  const planned = url.searchParams.get('planned');
  const plan = planned === null ? {} : { plannedMs: Number(planned) };
  const body = new URLSearchParams(await text(request));
  const path = tokenPathOf(url.pathname);
  if (path === undefined) {
    requests.push({ id: url.pathname, atMs, outcome: 'visited', ...plan });
    response.end();
    return;
  }
  const refreshToken = body.get('refresh_token') ?? '';
  if (isOverCap(atMs)) {
    requests.push({ id: grants.idOf(refreshToken), atMs, outcome: 'over-cap' });
    response.writeHead(429, { 'retry-after': '1' }).end();
    return;
  }
  const { id, next } = grants.spend(refreshToken, atMs);
  requests.push({ id, atMs, outcome: next === undefined ? 'refused' : 'granted', ...plan });
  if (next !== undefined && watchedLeft > 0 && --watchedLeft === 0) tell({ watched: true });
  await held;
  if (next === undefined) reply(response, 400, { error: 'invalid_grant' });
  else {
    reply(response, 200, {
      access_token: `access.${next}`,
      token_type: 'Bearer',
      expires_in: path.lifetimeSeconds,
      refresh_token: next,
    });
  }
}

/** What comes in one second of the clock beyond the cap is turned away. */
function isOverCap(atMs: number): boolean {
  const now = Math.floor(atMs / 1_000);
  if (now !== second) inSecond = 0;
  second = now;
  inSecond += 1;
  return inSecond > cap;
}

function reply(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}

function tell(message: FromProvider): void {
  process.send?.(message);
}
