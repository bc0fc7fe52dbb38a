import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { required } from '../measure/until.js';

const START_DEADLINE_MS = 60_000;
const LOG_TAIL_CHARS = 2_000;

let started = 0;

/** A worker in a process of its own, whose output goes to a file so that nobody has to read it meanwhile. */
export class WorkerProcess {
  readonly pid: number;
  readonly #child: ChildProcess;
  readonly #ended: Promise<unknown>;

  private constructor(child: ChildProcess, pid: number) {
    this.#child = child;
    this.pid = pid;
    this.#ended = once(child, 'close');
    const kill = (): boolean => child.kill('SIGKILL');
    process.once('exit', kill);
    child.once('close', () => process.off('exit', kill));
  }

  /** Starts a module and resolves when it says `worker started`. */
  static async start(
    folder: string,
    args: readonly string[],
    env: Readonly<Record<string, string>>,
  ): Promise<WorkerProcess> {
    const logFile = join(folder, `worker-${(started += 1)}.log`);
    const log = openSync(logFile, 'a', 0o600);
    const child = spawn(process.execPath, [...args], {
      env: { PATH: process.env['PATH'], ...env },
      stdio: ['ignore', log, log, 'ipc'],
    });
    closeSync(log);
    if (child.pid === undefined) throw new Error('the worker could not be started');
    const worker = new WorkerProcess(child, child.pid);
    const text = (): string => readFileSync(logFile, 'utf8');
    await required(
      'the start of a worker',
      () => {
        if (worker.hasEnded) throw new Error(`a worker ended: ${text().slice(-LOG_TAIL_CHARS)}`);
        return text().includes('worker started');
      },
      START_DEADLINE_MS,
    );
    return worker;
  }

  get hasEnded(): boolean {
    return this.#child.exitCode !== null || this.#child.signalCode !== null;
  }

  /** Asks the process and resolves with the next thing that it says. */
  async ask<Answer>(order: object): Promise<Answer> {
    const answer = once(this.#child, 'message') as Promise<[Answer]>;
    // A question that was given up may still ask. Without a callback that would end the process.
    this.#child.send(order, () => undefined);
    return (await answer)[0];
  }

  /** Kills it where it stands. */
  async kill(): Promise<void> {
    if (this.hasEnded) return;
    this.#child.kill('SIGKILL');
    await this.#ended;
  }
}
