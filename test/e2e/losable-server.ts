import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client, Connection } from '@temporalio/client';
import { freePort } from '../../src/dev-server/free-port.js';
import { findTemporalServer } from '../../src/dev-server/temporal-executable.js';
import { type DevServer, startDevServer } from '../../src/dev-server/temporal-server.js';
import { ensureSearchAttributes } from '../../src/keepers/search-attributes.js';
import type { TestNamespace, TestNamespaceOptions } from '../support/test-namespace.js';

const NAMESPACE = 'default';

/** A Temporal server of its own, whose database can be deleted. */
export class LosableServer {
  readonly #folder: string;
  readonly #port: number;
  #databases = 0;
  #running: DevServer;

  private constructor(folder: string, port: number, running: DevServer) {
    this.#folder = folder;
    this.#port = port;
    this.#running = running;
  }

  static async start(): Promise<LosableServer> {
    const folder = await mkdtemp(join(tmpdir(), 'evertoken-losable-'));
    const port = await freePort();
    return new LosableServer(folder, port, await launch(folder, port, 0));
  }

  readonly open = async (options: TestNamespaceOptions): Promise<TestNamespace> => {
    const { address } = this.#running;
    const connection = await Connection.connect({ address });
    const client = new Client({ connection, namespace: NAMESPACE, ...options });
    if (!(await ensureSearchAttributes(client, 'auto'))) throw new Error('no search attributes');
    return { client, address, namespace: NAMESPACE, close: () => connection.close() };
  };

  /** Ends the server, deletes its database, and starts it with an empty one at the same address. */
  async loseDatabase(): Promise<void> {
    await this.#running.stop();
    await rm(databaseOf(this.#folder, this.#databases));
    this.#databases += 1;
    this.#running = await launch(this.#folder, this.#port, this.#databases);
  }

  /** Ends the server, copies its database, and starts it again. */
  async backUp(): Promise<void> {
    await this.#running.stop();
    await cp(databaseOf(this.#folder, this.#databases), join(this.#folder, 'backup.db'));
    this.#running = await launch(this.#folder, this.#port, this.#databases);
  }

  /** Ends the server, and starts it with the database that was copied last. */
  async restoreBackup(): Promise<void> {
    await this.#running.stop();
    this.#databases += 1;
    await cp(join(this.#folder, 'backup.db'), databaseOf(this.#folder, this.#databases));
    this.#running = await launch(this.#folder, this.#port, this.#databases);
  }

  async remove(): Promise<void> {
    await this.#running.stop();
    await rm(this.#folder, { recursive: true, force: true });
  }
}

function databaseOf(folder: string, number: number): string {
  return join(folder, `temporal-${number}.db`);
}

async function launch(folder: string, port: number, database: number): Promise<DevServer> {
  return startDevServer({
    executable: await findTemporalServer(),
    port,
    dbFilename: databaseOf(folder, database),
    logFile: join(folder, 'temporal.log'),
  });
}
