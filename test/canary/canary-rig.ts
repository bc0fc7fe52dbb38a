import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Client } from '@temporalio/client';
import { parseCredentials } from '../../src/credentials/load-credentials.js';
import { LOOPBACK } from '../../src/contract/loopback.js';
import { freePort } from '../../src/dev-server/free-port.js';
import { findTemporalServer } from '../../src/dev-server/temporal-executable.js';
import { type DevServer, startDevServer } from '../../src/dev-server/temporal-server.js';
import { KeeperAdministration } from '../../src/keepers/administration.js';
import { builtInProviders } from '../../src/providers/index.js';
import { createProviderRegistry } from '../../src/providers/registry.js';
import { loadConfig } from '../../src/settings/config.js';
import { createClient, loadTemporalTarget, openConnection } from '../../src/temporal/connection.js';
import { CliProcess } from '../support/cli-process.js';
import { type CanaryJournal, journalInFolder } from './canary-journals.js';

const LOG_POLL_MS = 100;
const LOG_DEADLINE_MS = 60_000;

/** A dev server with a database file and a production worker, both processes of their own, and all they leave. */
export class CanaryRig {
  readonly client: Client;
  readonly keepers: KeeperAdministration;
  /** For commands of this rig. */
  readonly env: Readonly<Record<string, string>>;
  readonly folder: string;
  readonly #journal: CanaryJournal;
  readonly #server: DevServer;
  readonly #worker: CliProcess;
  readonly #metricsUrl: string;

  private constructor(
    client: Client,
    env: Readonly<Record<string, string>>,
    folder: string,
    journal: CanaryJournal,
    server: DevServer,
    worker: CliProcess,
    metricsUrl: string,
  ) {
    this.client = client;
    this.keepers = new KeeperAdministration(client);
    this.env = env;
    this.folder = folder;
    this.#journal = journal;
    this.#server = server;
    this.#worker = worker;
    this.#metricsUrl = metricsUrl;
  }

  /**
   * @param secrecy the variables that say whether and how payloads are sealed
   * @param elsewhere the journal, unless it is in a folder
   */
  static async open(
    secrecy: Readonly<Record<string, string>>,
    elsewhere?: CanaryJournal,
  ): Promise<CanaryRig> {
    const folder = await mkdtemp(join(tmpdir(), 'evertoken-canary-'));
    const journal = elsewhere ?? journalInFolder(join(folder, 'journal'));
    const server = await startDevServer({
      executable: await findTemporalServer(),
      port: await freePort(),
      dbFilename: join(folder, 'temporal.db'),
      logFile: join(folder, 'temporal.log'),
    });
    const metricsAddress = `${LOOPBACK}:${await freePort()}`;
    const env = { ...secrecy, TEMPORAL_ADDRESS: server.address };
    const worker = await CliProcess.startWorker({
      ...env,
      ...journal.env,
      EVERTOKEN_LOG_LEVEL: 'trace',
      EVERTOKEN_METRICS_ADDRESS: metricsAddress,
    });
    const target = loadTemporalTarget(env, { allowCleartext: false });
    const connection = await openConnection(target);
    const client = createClient(target, connection, loadConfig(env).encryption);
    const metricsUrl = `http://${metricsAddress}/metrics`;
    return new CanaryRig(client, env, folder, journal, server, worker, metricsUrl);
  }

  /** Starts or updates the keeper of a credential as a file would have it. */
  async apply(credential: object): Promise<void> {
    const specs = parseCredentials(JSON.stringify({ credentials: [credential] }), 'canary', {
      providers: createProviderRegistry(builtInProviders),
      env: {},
      readSecretFile: () => undefined,
      nowMs: Date.now(),
    });
    for (const spec of specs) await this.keepers.apply(spec);
  }

  /** Resolves when a line of the worker's log holds all of these texts; rejects when none comes. */
  async logged(...texts: readonly string[]): Promise<void> {
    const deadlineMs = performance.now() + LOG_DEADLINE_MS;
    while (!this.#worker.lines.some((line) => texts.every((text) => line.includes(text)))) {
      if (performance.now() > deadlineMs) throw new Error(`never logged: ${texts.join(', ')}`);
      await delay(LOG_POLL_MS);
    }
  }

  /** Everything that is left after all processes ended, by the name of its place. */
  async endAndCollect(): Promise<ReadonlyMap<string, Buffer>> {
    const { workflows, names } = await this.#withoutCodec();
    const metrics = Buffer.from(await (await fetch(this.#metricsUrl)).text());
    // While the server runs, its newest writes are in a file of their own.
    const runningDatabase = await this.#database();
    await this.#end();
    return new Map([
      ['the database while it is written', runningDatabase],
      ['the database at rest', await this.#database()],
      ['the log of the server', await readFile(join(this.folder, 'temporal.log'))],
      ['the log of the worker', Buffer.from(this.#worker.lines.join('\n'))],
      ['the metrics page', metrics],
      ...(await this.#journal.collect()),
      ['the histories, failures and memos', workflows],
      ['the workflow ids and search attributes', names],
    ]);
  }

  async remove(): Promise<void> {
    await this.#end();
    await rm(this.folder, { recursive: true, force: true });
  }

  async #end(): Promise<void> {
    if (this.#server.hasEnded()) return;
    await this.#worker.end('SIGTERM');
    await this.client.connection.close();
    await this.#server.stop();
  }

  async #database(): Promise<Buffer> {
    const files = await readdir(this.folder);
    return contentOf(
      this.folder,
      files.filter((name) => name.startsWith('temporal.db')),
    );
  }

  /** What anybody reads from the server who has no key. */
  async #withoutCodec(): Promise<{ workflows: Buffer; names: Buffer }> {
    const { workflowService, options } = this.client;
    const { namespace } = options;
    const workflows: string[] = [];
    const names: string[] = [];
    const { executions } = await workflowService.listWorkflowExecutions({ namespace });
    for (const { execution = null, searchAttributes, memo } of executions) {
      const { workflowId = '', runId } = { ...execution };
      const handle = this.client.workflow.getHandle(workflowId ?? '', runId ?? undefined);
      const history = await handle.fetchHistory();
      const description = await workflowService.describeWorkflowExecution({ namespace, execution });
      workflows.push(JSON.stringify([history, description, memo]));
      names.push(execution?.workflowId ?? '', JSON.stringify(searchAttributes));
    }
    return { workflows: Buffer.from(workflows.join('\n')), names: Buffer.from(names.join('\n')) };
  }
}

async function contentOf(folder: string, names: readonly string[]): Promise<Buffer> {
  return Buffer.concat(await Promise.all(names.map((name) => contentIfThere(join(folder, name)))));
}

/** A database that is written makes and removes its rollback journal all the time. */
async function contentIfThere(file: string): Promise<Buffer> {
  return readFile(file).catch((error: unknown) => {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return Buffer.of();
    throw error;
  });
}
