import { readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { Connection } from '@temporalio/client';
import { msToTs } from '@temporalio/common/lib/time.js';
import { LOOPBACK } from '../contract/loopback.js';
import { SEARCH_ATTRIBUTES } from '../contract/names.js';
import { isPortFree } from './free-port.js';
import { GuardedProcess } from './guarded-process.js';

/** A fresh database file takes 2 s on a two-core machine; a machine under load may take ten times that. */
const READY_DEADLINE_MS = 60_000;
const READY_POLL_MS = 100;
/** One question to a server that is up takes milliseconds. */
const READY_CALL_DEADLINE_MS = 2_000;

/** A closed keeper answers for as long; the dev server's own default is one day. */
const RETENTION = '30 days';

/** The server of today has it by default; without it priorities count for nothing. */
const PRIORITIES = 'matching.useNewMatcher=true';

const LOG_SHOWN_CHARS = 1_000;

const NAMESPACE = 'default';

/** The server chooses ports of its own beside the one that it is given, and panics where another program takes one first. */
const STARTS = 2;

/** How a dev server is started. */
export interface DevServerOptions {
  /** From `findTemporalServer()`. */
  readonly executable: string;
  readonly port: number;
  /** Port of the web UI; without it there is none. */
  readonly uiPort?: number;
  /** SQLite file that outlives the server; without it everything is in memory. */
  readonly dbFilename?: string;
  /** Address of the codec server that the UI shows payloads through. */
  readonly codecEndpoint?: string;
  /** Gets the server's own output, appended. Its directory must exist. */
  readonly logFile: string;
  /** Gives up waiting for the start. */
  readonly signal?: AbortSignal;
}

/** A running dev server. It ends with this process, however this process ends. */
export interface DevServer {
  /** `host:port` of the gRPC service. */
  readonly address: string;
  readonly namespace: string;
  /** Address of the web UI; absent when none was wanted. */
  readonly uiUrl?: string;
  /** Whether it has ended, by `stop` or by itself. */
  hasEnded(): boolean;
  /** Ends the server; resolves when its process is gone. */
  stop(): Promise<void>;
}

/**
 * Starts a Temporal dev server on the loopback address and resolves when it serves the namespace `default`, with
 * evertoken's search attributes and a retention of 30 days. A server that ends while it starts is started once more.
 *
 * @throws an `Error` when a port is taken, or with what the server's log says when it does not come up within 60 s.
 */
export async function startDevServer(options: DevServerOptions): Promise<DevServer> {
  const { port, uiPort, signal } = options;
  await refuseTakenPort(port, 'Temporal');
  if (uiPort !== undefined) await refuseTakenPort(uiPort, 'the Temporal UI');

  const address = `${LOOPBACK}:${port}`;
  const server = await servingProcess(options, address, STARTS).catch(async (error: unknown) => {
    signal?.throwIfAborted();
    const words = lastWords(await readFile(options.logFile, 'utf8'));
    throw new Error(`the Temporal dev server did not start [address=${address}]: ${words}`, {
      cause: error,
    });
  });
  return {
    address,
    namespace: NAMESPACE,
    ...(uiPort !== undefined && { uiUrl: `http://${LOOPBACK}:${uiPort}` }),
    hasEnded: () => server.hasEnded,
    stop: () => server.stop(),
  };
}

async function servingProcess(
  options: DevServerOptions,
  address: string,
  startsLeft: number,
): Promise<GuardedProcess> {
  const server = new GuardedProcess(options.executable, startArguments(options), options.logFile);
  try {
    await untilServing(address, server, options.signal);
    return server;
  } catch (error) {
    const hasEndedItself = server.hasEnded;
    await server.stop();
    if (!hasEndedItself || startsLeft <= 1) throw error;
    return servingProcess(options, address, startsLeft - 1);
  }
}

/** The reason of a panic stands above a stack that is longer than what is shown. */
function lastWords(log: string): string {
  const panicAt = log.lastIndexOf('panic: ');
  const words = panicAt < 0 ? log.slice(-LOG_SHOWN_CHARS) : log.slice(panicAt);
  return words.slice(0, LOG_SHOWN_CHARS).trim();
}

function startArguments(options: DevServerOptions): string[] {
  const { port, uiPort, dbFilename, codecEndpoint } = options;
  const attributes = Object.values(SEARCH_ATTRIBUTES).flatMap((name) => [
    '--search-attribute',
    `${name}=Keyword`,
  ]);
  return [
    ...['server', 'start-dev', '--ip', LOOPBACK, '--port', String(port), '--log-level', 'warn'],
    ...(uiPort === undefined ? ['--headless'] : ['--ui-port', String(uiPort)]),
    ...(dbFilename === undefined ? [] : ['--db-filename', dbFilename]),
    ...(codecEndpoint === undefined ? [] : ['--ui-codec-endpoint', codecEndpoint]),
    ...['--dynamic-config-value', PRIORITIES],
    ...attributes,
  ];
}

async function refuseTakenPort(port: number, user: string): Promise<void> {
  if (await isPortFree(port)) return;
  throw new Error(`the port for ${user} is taken by another process [port=${port}]`);
}

async function untilServing(
  address: string,
  server: GuardedProcess,
  signal: AbortSignal | undefined,
): Promise<void> {
  const connection = Connection.lazy({ address, connectTimeout: READY_DEADLINE_MS });
  try {
    const deadline = performance.now() + READY_DEADLINE_MS;
    for (;;) {
      signal?.throwIfAborted();
      if (server.hasEnded) throw new Error('the process ended');
      try {
        await connection.withDeadline(Date.now() + READY_CALL_DEADLINE_MS, () =>
          keepClosedRuns(connection),
        );
        return;
      } catch (error) {
        if (performance.now() > deadline) throw error;
      }
      await sleep(READY_POLL_MS);
    }
  } finally {
    await connection.close();
  }
}

async function keepClosedRuns(connection: Connection): Promise<void> {
  await connection.workflowService.updateNamespace({
    namespace: NAMESPACE,
    config: { workflowExecutionRetentionTtl: msToTs(RETENTION) },
  });
}
