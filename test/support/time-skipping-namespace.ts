import { TestWorkflowEnvironment } from '@temporalio/testing';
import { installQuietRuntime } from './quiet-runtime.js';
import { shared } from './shared-resources.js';
import type { TestNamespace, TestNamespaceOptions } from './test-namespace.js';

/** A server of its own on which time passes only as fast as the workflows let it. */
export interface TimeSkippingNamespace extends TestNamespace {
  /** Lets this much of the server's time pass, in milliseconds. */
  sleep(durationMs: number): Promise<void>;
  /** The server's time, in milliseconds since the epoch. */
  currentTimeMs(): Promise<number>;
}

/**
 * The SDK gives a server 5 s to start and cannot be told otherwise. A busy machine may take longer several times in a row,
 * so it gets a minute in all, as the dev server does.
 */
const STARTS = 12;

/** Why this machine has no time-skipping server; `undefined` where it has one. */
export async function whyNoTimeSkipping(): Promise<string | undefined> {
  const server = await shared('timeSkippingServer');
  return 'missing' in server ? server.missing : undefined;
}

/**
 * Starts a time-skipping server, which takes about a second. Skipping is global to it: one test at a time.
 *
 * @throws an `Error` that says why this machine has none.
 */
export async function openTimeSkippingNamespace(
  options: TestNamespaceOptions = {},
): Promise<TimeSkippingNamespace> {
  installQuietRuntime();
  const server = await shared('timeSkippingServer');
  if ('missing' in server) throw new Error(`no time-skipping server [${server.missing}]`);
  const environment = await startedInTime(() =>
    TestWorkflowEnvironment.createTimeSkipping({ server, client: options }),
  );
  return {
    client: environment.client,
    address: environment.address,
    namespace: environment.client.options.namespace,
    sleep: (durationMs) => environment.sleep(durationMs),
    currentTimeMs: () => environment.currentTimeMs(),
    close: () => environment.teardown(),
  };
}

async function startedInTime<Environment>(
  start: () => Promise<Environment>,
  startsLeft = STARTS,
): Promise<Environment> {
  try {
    return await start();
  } catch (error) {
    if (startsLeft <= 1) throw error;
    return startedInTime(start, startsLeft - 1);
  }
}
