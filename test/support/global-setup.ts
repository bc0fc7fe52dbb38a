import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { TestProject } from 'vitest/node';
import { run } from '../../src/dev-server/child-process.js';
import { LOOPBACK } from '../../src/contract/loopback.js';
import { freePort } from '../../src/dev-server/free-port.js';
import { findTemporalServer } from '../../src/dev-server/temporal-executable.js';
import { startDevServer, type DevServer } from '../../src/dev-server/temporal-server.js';
import { findPostgres } from './postgres-installation.js';
import { PostgresServer } from './postgres-server.js';
import type { SharedResources } from './shared-resources.js';
import { findTimeSkippingServer } from './time-skipping-server.js';
import { writeWorkflowBundle } from './workflow-bundle.js';

declare module 'vitest' {
  interface ProvidedContext {
    /** Where test files ask for what all of them share. */
    sharedResourcesUrl: string;
  }
}

/**
 * Makes what is slow to make once for all test files, when the first of them asks for it: a run of unit tests alone
 * starts no server and bundles nothing.
 */
export default async function setUp(project: TestProject): Promise<() => Promise<void>> {
  const directory = await mkdtemp(join(tmpdir(), 'evertoken-test-'));
  // Before the tests, because it takes minutes where the server must be built.
  const executable = findTemporalServer();
  await executable.catch(() => undefined);
  // Likewise where it must be installed, which only one process may do at a time.
  const installation = findPostgres();
  await installation.catch(() => undefined);
  let devServer: DevServer | undefined;
  const temporalAddress = async (): Promise<string> => {
    const logFile = join(directory, 'temporal.log');
    const port = await freePort();
    devServer = await startDevServer({ executable: await executable, port, logFile });
    return devServer.address;
  };
  let postgres: PostgresServer | undefined;
  const postgresUrl = async (): Promise<string> => {
    postgres = await PostgresServer.create(await installation);
    return postgres.url;
  };

  const makers: { [Name in keyof SharedResources]: () => Promise<SharedResources[Name]> } = {
    temporalAddress,
    workflowBundlePath: async () => writeWorkflowBundle(directory, 'current'),
    incompatibleBundlePath: async () => writeWorkflowBundle(directory, 'incompatible'),
    timeSkippingServer: async () => findTimeSkippingServer(),
    postgresInstallation: () => installation,
    postgresUrl,
    commandPath: buildCommand,
  };
  const { server, url } = await serve(makers);
  project.provide('sharedResourcesUrl', url);
  return async () => {
    server.close();
    await devServer?.stop();
    await postgres?.remove();
    await rm(directory, { recursive: true, force: true });
  };
}

/** Builds what changed since the last build, so that a process under test runs the code as it is. */
async function buildCommand(): Promise<string> {
  await run(process.execPath, [inProject('scripts/build.mjs')], {});
  return inProject('dist/cli/main.js');
}

function inProject(path: string): string {
  return fileURLToPath(new URL(`../../${path}`, import.meta.url));
}

async function serve(
  makers: Readonly<Record<string, () => Promise<unknown>>>,
): Promise<{ server: Server; url: string }> {
  const made = new Map<string, Promise<unknown>>();
  const resource = async (name: string): Promise<unknown> => {
    const maker = makers[name];
    if (!maker) throw new Error(`no such shared resource [name=${name}]`);
    const value = made.get(name) ?? maker();
    made.set(name, value);
    // What could not be made fails one test file, not all that come after it.
    value.catch(() => made.delete(name));
    return value;
  };
  const server = createServer((request, response) => {
    // A connection that is kept ends after 5 s, perhaps just as it is used again.
    response.setHeader('connection', 'close');
    resource((request.url ?? '').slice(1)).then(
      (value) => response.end(JSON.stringify(value)),
      (error: unknown) => response.writeHead(500).end(String(error)),
    );
  }).listen(0, LOOPBACK);
  await once(server, 'listening');
  const address = server.address();
  if (typeof address !== 'object' || !address) throw new Error('no TCP address');
  return { server, url: `http://${LOOPBACK}:${address.port}/` };
}
