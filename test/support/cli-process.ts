import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { shared } from './shared-resources.js';

/** The built `evertoken` command in a process of its own, with all that it prints. */
export class CliProcess {
  /** Lines of standard output and of standard error, as they came. */
  readonly lines: string[] = [];
  readonly #child: ChildProcess;
  readonly #ended: Promise<unknown>;

  private constructor(child: ChildProcess) {
    this.#child = child;
    this.#ended = once(child, 'close');
    const kill = (): boolean => child.kill('SIGKILL');
    process.once('exit', kill);
    child.once('close', () => process.off('exit', kill));
    for (const output of [child.stdout, child.stderr]) {
      if (output === null) throw new Error('the process has no output');
      createInterface(output).on('line', (line) => this.lines.push(line));
    }
  }

  /** Starts a command with these variables alone. */
  static async start(
    args: readonly string[],
    env: Readonly<Record<string, string>>,
  ): Promise<CliProcess> {
    const command = await shared('commandPath');
    const child = spawn(process.execPath, [command, ...args], {
      env: { PATH: process.env['PATH'], ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    return new CliProcess(child);
  }

  /** Starts a production worker and resolves when it polls. */
  static async startWorker(env: Readonly<Record<string, string>>): Promise<CliProcess> {
    // Its providers are on this machine.
    const worker = await CliProcess.start(['worker'], {
      EVERTOKEN_ALLOW_LOOPBACK: 'true',
      ...env,
    });
    while (!worker.lines.some((line) => line.includes('worker started'))) {
      const { stdout } = worker.#child;
      if (stdout === null || worker.#child.exitCode !== null) {
        throw new Error(`the worker did not start: ${worker.lines.join('\n')}`);
      }
      await Promise.race([once(stdout, 'data'), worker.#ended]);
    }
    return worker;
  }

  /** Whether the process is gone. */
  get hasEnded(): boolean {
    return this.#child.exitCode !== null || this.#child.signalCode !== null;
  }

  /** Exit code of a command that ends by itself; null when a signal ended it. */
  async ended(): Promise<number | null> {
    await this.#ended;
    return this.#child.exitCode;
  }

  /** Stops the process where it stands, as a suspended machine does, lets it go on, or tells it to end. */
  signal(signal: 'SIGSTOP' | 'SIGCONT' | 'SIGTERM'): void {
    this.#child.kill(signal);
  }

  /** Sends a signal and resolves when the process is gone. */
  async end(signal: 'SIGTERM' | 'SIGKILL'): Promise<void> {
    this.#child.kill(signal);
    await this.#ended;
  }
}
