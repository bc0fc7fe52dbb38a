import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';

/** Longest check of a readiness probe: probes themselves wait for some seconds. */
export const READY_CHECK_DEADLINE_MS = 2_000;

/** What a worker needs to do its work, each by the name that a probe reads; a check rejects while it lacks that. */
export type ReadinessChecks = Readonly<Record<string, () => Promise<void>>>;

/** A health server that listens. */
export interface HealthServer {
  readonly url: string;
  close(): Promise<void>;
}

/**
 * Answers probes. `/livez` answers 200 as long as the process turns. `/readyz` answers 200 if all checks pass within
 * their deadline, else 503 with the names of those that did not. A credential's trouble shows in neither: it would help
 * no credential to restart the worker or to send it no work.
 */
export async function listenHealthServer(
  { host, port }: { readonly host: string; readonly port: number },
  checks: ReadinessChecks,
): Promise<HealthServer> {
  const server = createServer((request, response) => {
    const answer = (status: number, body: object): void => {
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
    };
    if (request.url === '/livez') answer(200, { status: 'live' });
    else if (request.url === '/readyz') {
      void lacking(checks).then((lacks) =>
        lacks.length === 0
          ? answer(200, { status: 'ready' })
          : answer(503, { status: 'not ready', lacks }),
      );
    } else answer(404, { message: 'no such page; there are /livez and /readyz' });
  });
  server.listen(port, host);
  await once(server, 'listening');
  return { url: urlOf(server), close: () => closed(server) };
}

/** Names of what is lacking, in order. */
async function lacking(checks: ReadinessChecks): Promise<readonly string[]> {
  const outcomes = await Promise.all(
    Object.entries(checks).map(async ([name, check]) => ((await passes(check)) ? [] : [name])),
  );
  return outcomes.flat();
}

async function passes(check: () => Promise<void>): Promise<boolean> {
  const timer = new AbortController();
  const late = delay(READY_CHECK_DEADLINE_MS, false, { signal: timer.signal });
  try {
    return await Promise.race([check().then(() => true), late]);
  } catch {
    return false;
  } finally {
    timer.abort();
    late.catch(() => undefined);
  }
}

function urlOf(server: Server): string {
  const { address, port, family } = server.address() as AddressInfo;
  return `http://${family === 'IPv6' ? `[${address}]` : address}:${port}`;
}

async function closed(server: Server): Promise<void> {
  server.closeAllConnections();
  server.close();
  await once(server, 'close');
}
