import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { dirname } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { shared } from '../support/shared-resources.js';

const SCRIPT = fileURLToPath(new URL('journal-process.mjs', import.meta.url));

/** What a process does to a journal. */
export interface JournalWork {
  readonly folder: string;
  /** As in `EVERTOKEN_ENCRYPTION_KEYS`. */
  readonly keys: string;
  readonly credentialId: string;
  readonly updates: number;
  /** Pause after each, in milliseconds; default none. */
  readonly pauseMs?: number;
}

/** Another process that updates a journal: each update makes the generation of an entry one higher. */
export class JournalProcess {
  /** Generations that it was told are durable. */
  readonly generations: number[] = [];
  readonly #child: ChildProcess;
  readonly #ended: Promise<unknown>;

  private constructor(child: ChildProcess) {
    this.#child = child;
    this.#ended = once(child, 'close');
  }

  /** Resolves when it has opened the journal. */
  static async start({
    folder,
    keys,
    credentialId,
    updates,
    pauseMs = 0,
  }: JournalWork): Promise<JournalProcess> {
    const built = dirname(dirname(await shared('commandPath')));
    const args = [SCRIPT, built, folder, keys, credentialId, String(updates), String(pauseMs)];
    const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
    const made = new JournalProcess(child);
    const lines = createInterface(child.stdout);
    const opened = once(lines, 'line');
    lines.on('line', (line) => {
      if (line !== 'open') made.generations.push(Number(line));
    });
    await Promise.race([opened, made.#ended]);
    return made;
  }

  /** Resolves with its exit code once it has ended by itself. */
  async done(): Promise<number | null> {
    await this.#ended;
    return this.#child.exitCode;
  }

  /** Resolves when it has been told of so many updates, or has ended. */
  async untilUpdates(count: number): Promise<void> {
    while (this.generations.length < count && this.#child.stdout !== null) {
      await Promise.race([once(this.#child.stdout, 'data'), this.#ended]);
      if (this.#child.exitCode !== null) return;
    }
  }

  async kill(): Promise<void> {
    this.#child.kill('SIGKILL');
    await this.#ended;
  }
}
