import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { addressText, type ListenAddress } from '../contract/listen-address.js';

/** Longest check for a readiness probe. Probes themselves wait for a few seconds. */
const READY_CHECK_DEADLINE_MS = 2_000;

/** Rejects while something is missing. Whatever it says after `deadlineMs`, it has not passed. */
type ReadinessCheck = (deadlineMs: number) => Promise<void>;

/** Checks of what a worker needs for its work, by the names that a probe reads. */
export type ReadinessChecks = Readonly<Record<string, ReadinessCheck>>;

export interface HealthServer {
  readonly url: string;
  close(): Promise<void>;
}

/**
 * Answers probes. `/livez` answers 200 as long as the process runs. `/readyz` answers 200 if all checks pass within their
 * deadline, and otherwise 503 with the names of those that did not. Neither shows a credential's trouble, since it would help
 * no credential to restart the worker or to send it no work.
 */
export async function listenHealthServer(
  { host, port }: ListenAddress,
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

/** Names of the checks that did not pass, in order. */
async function lacking(checks: ReadinessChecks): Promise<readonly string[]> {
  const outcomes = await Promise.all(
    Object.entries(checks).map(async ([name, check]) => ((await passes(check)) ? [] : [name])),
  );
  return outcomes.flat();
}

async function passes(check: ReadinessCheck): Promise<boolean> {
  const timer = new AbortController();
  const late = delay(READY_CHECK_DEADLINE_MS, false, { signal: timer.signal });
  try {
    return await Promise.race([check(READY_CHECK_DEADLINE_MS).then(() => true), late]);
  } catch {
    return false;
  } finally {
    timer.abort();
    late.catch(() => undefined);
  }
}

function urlOf(server: Server): string {
  const { address, port } = server.address() as AddressInfo;
  return `http://${addressText({ host: address, port })}`;
}

async function closed(server: Server): Promise<void> {
  server.closeAllConnections();
  server.close();
  await once(server, 'close');
}
