import { chmod, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { freePort } from '../../src/dev-server/free-port.js';
import { findTemporalServer } from '../../src/dev-server/temporal-executable.js';
import { type DevServer, startDevServer } from '../../src/dev-server/temporal-server.js';

/** A Temporal server with a database file that can be killed, suspended and started again at the same address. */
export class FaultServer {
  readonly address: string;
  readonly #port: number;
  readonly #folder: string;
  readonly #executable: string;
  #running: DevServer;

  private constructor(port: number, folder: string, executable: string, running: DevServer) {
    this.address = running.address;
    this.#port = port;
    this.#folder = folder;
    this.#executable = executable;
    this.#running = running;
  }

  /** @param folder gets the database, the server's log and its process id. */
  static async start(folder: string): Promise<FaultServer> {
    const executable = await tellingItsPid(await findTemporalServer(), folder);
    const port = await freePort();
    return new FaultServer(port, folder, executable, await launch(executable, port, folder));
  }

  /** Ends the server as a power failure does; resolves when it is gone. */
  async kill(): Promise<void> {
    await this.signal('SIGKILL');
    while (!this.#running.hasEnded()) await delay(10);
  }

  async signal(signal: 'SIGKILL' | 'SIGSTOP' | 'SIGCONT'): Promise<void> {
    process.kill(Number(await readFile(pidFile(this.#folder), 'utf8')), signal);
  }

  /** Starts the killed server again, with the database that it left. */
  async restart(): Promise<void> {
    this.#running = await launch(this.#executable, this.#port, this.#folder);
  }

  async stop(): Promise<void> {
    await this.#running.stop();
  }
}

function launch(executable: string, port: number, folder: string): Promise<DevServer> {
  return startDevServer({
    executable,
    port,
    dbFilename: join(folder, 'temporal.db'),
    logFile: join(folder, 'temporal.log'),
  });
}

function pidFile(folder: string): string {
  return join(folder, 'temporal.pid');
}

/** The dev server runs below a guard, which does not tell whom to kill. */
async function tellingItsPid(executable: string, folder: string): Promise<string> {
  const script = join(folder, 'temporal.sh');
  await writeFile(script, `#!/bin/sh\necho $$ >'${pidFile(folder)}'\nexec '${executable}' "$@"\n`);
  await chmod(script, 0o700);
  return script;
}
