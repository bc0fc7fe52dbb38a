import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';
import { appendFile } from 'node:fs/promises';

const KILL_AFTER_MS = 5_000;

/**
 * Runs a command until its own standard input ends, which it does when the parent closes it and also when the parent
 * dies in any way. It runs in a process group of its own, so Ctrl-C in a terminal reaches only the parent, which can
 * then end things in the right order.
 */
const GUARD_SCRIPT = `
const { spawn } = require('node:child_process');
const [command, ...args] = process.argv.slice(1);
const child = spawn(command, args, { stdio: ['ignore', 'inherit', 'inherit'] });
child.once('error', (error) => {
  console.error(error.message);
  process.exit(1);
});
child.once('exit', (code) => process.exit(code ?? 1));
const end = () => {
  child.kill('SIGTERM');
  setTimeout(() => child.kill('SIGKILL'), ${KILL_AFTER_MS});
};
process.stdin.once('end', end).once('error', end).resume();
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.once(signal, end);
`;

/** A command that does not outlive this process. */
export class GuardedProcess {
  readonly #guard: ChildProcess;
  readonly #ended: Promise<unknown>;
  #hasStarted = true;

  /** @param logFile gets the command's output, appended. */
  constructor(command: string, args: readonly string[], logFile: string) {
    const log = openSync(logFile, 'a', 0o600);
    try {
      this.#guard = spawn(process.execPath, ['--eval', GUARD_SCRIPT, command, ...args], {
        detached: true,
        stdio: ['pipe', log, log],
      });
    } finally {
      closeSync(log);
    }
    this.#guard.stdin?.on('error', () => undefined);
    // Where the system has no room for one more process, there is an error and never an exit.
    this.#ended = once(this.#guard, 'exit').catch((error: unknown) => {
      this.#hasStarted = false;
      return appendFile(logFile, `${String(error)}\n`).catch(() => undefined);
    });
  }

  /** Whether the command has ended, by itself or not. */
  get hasEnded(): boolean {
    return !this.#hasStarted || this.#guard.exitCode !== null || this.#guard.signalCode !== null;
  }

  /** Ends the command, with SIGTERM and after 5 s with SIGKILL; resolves when it is gone. */
  async stop(): Promise<void> {
    this.#guard.stdin?.end();
    await this.#ended;
  }
}
