import { randomBytes } from 'node:crypto';
import { chown, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';
import { run } from '../../src/dev-server/child-process.js';
import { LOOPBACK } from '../../src/contract/loopback.js';
import { freePort } from '../../src/dev-server/free-port.js';
import { GuardedProcess } from '../../src/dev-server/guarded-process.js';
import type { PostgresInstallation } from './postgres-installation.js';

const READY_DEADLINE_MS = 60_000;
const READY_POLL_MS = 50;
const ADMINISTRATOR = 'administrator';

/** A PostgreSQL server with a database cluster of its own. It ends with this process, however this process ends. */
export class PostgresServer {
  /** Of the administrator. Holds a password. */
  readonly url: string;
  readonly #installation: PostgresInstallation;
  readonly #folder: string;
  readonly #dataDirectory: string;
  readonly #logFile: string;
  readonly #port: number;
  #process: GuardedProcess | undefined;

  private constructor(
    installation: PostgresInstallation,
    folder: string,
    port: number,
    password: string,
  ) {
    this.#installation = installation;
    this.#folder = folder;
    this.#port = port;
    this.#dataDirectory = join(folder, 'data');
    this.#logFile = join(folder, 'log');
    this.url = `postgres://${ADMINISTRATOR}:${password}@${LOOPBACK}:${port}/postgres`;
  }

  /** Makes a cluster and starts a server on it. */
  static async create(installation: PostgresInstallation): Promise<PostgresServer> {
    const folder = await mkdtemp(join(tmpdir(), 'evertoken-postgres-'));
    const password = randomBytes(16).toString('hex');
    const passwordFile = join(folder, 'password');
    await writeFile(passwordFile, password);
    if (installation.owner) {
      const { uid, gid } = installation.owner;
      await Promise.all([folder, passwordFile].map((path) => chown(path, uid, gid)));
    }
    const server = new PostgresServer(installation, folder, await freePort(), password);
    await server.#run(installation.initdb, [
      ...['--pgdata', server.#dataDirectory, '--encoding', 'UTF8', '--no-locale', '--no-sync'],
      ...['--username', ADMINISTRATOR, '--pwfile', passwordFile, '--auth', 'scram-sha-256'],
    ]);
    await server.start();
    return server;
  }

  /** Starts the server again after `stop`, at the same address. */
  async start(): Promise<void> {
    const settings = [
      ...[`listen_addresses=${LOOPBACK}`, 'unix_socket_directories=', `port=${this.#port}`],
      'shared_buffers=16MB',
    ];
    const [command = '', ...args] = this.#command(this.#installation.postgres, [
      ...['-D', this.#dataDirectory],
      ...settings.flatMap((setting) => ['-c', setting]),
    ]);
    this.#process = new GuardedProcess(command, args, this.#logFile);
    const deadline = performance.now() + READY_DEADLINE_MS;
    while (!(await this.#answers())) {
      if (this.#process.hasEnded || performance.now() > deadline) {
        throw new Error(`PostgreSQL did not start: ${(await this.log()).toString()}`);
      }
      await delay(READY_POLL_MS);
    }
  }

  /** Ends the server and every connection; resolves when its process is gone. */
  async stop(): Promise<void> {
    // "Fast": an ordinary SIGTERM would wait for the clients to go.
    const pid = Number(
      (await readFile(join(this.#dataDirectory, 'postmaster.pid'), 'utf8')).split('\n')[0],
    );
    process.kill(pid, 'SIGINT');
    await this.#process?.stop();
  }

  /** Every byte that rests on disk; complete once the server is stopped. */
  async contentAtRest(): Promise<Buffer> {
    const entries = await readdir(this.#dataDirectory, { recursive: true, withFileTypes: true });
    const files = entries.filter((entry) => entry.isFile());
    return Buffer.concat(
      await Promise.all(files.map((file) => readFile(join(file.parentPath, file.name)))),
    );
  }

  /** Its own log so far. */
  log(): Promise<Buffer> {
    return readFile(this.#logFile);
  }

  /** Ends the server and removes all that it kept. */
  async remove(): Promise<void> {
    if (this.#process?.hasEnded === false) await this.stop();
    await rm(this.#folder, { recursive: true, force: true });
  }

  async #answers(): Promise<boolean> {
    const client = new pg.Client(this.url);
    try {
      await client.connect();
      return true;
    } catch {
      return false;
    } finally {
      await client.end();
    }
  }

  #run(executable: string, args: readonly string[]): Promise<void> {
    const [command = '', ...rest] = this.#command(executable, args);
    return run(command, rest, { env: { ...process.env, LC_ALL: 'C' } });
  }

  #command(executable: string, args: readonly string[]): readonly string[] {
    return [...this.#installation.asOrdinaryUser, executable, ...args];
  }
}
