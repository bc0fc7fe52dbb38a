import { AsyncLocalStorage } from 'node:async_hooks';
import { run } from '../../src/cli/program.js';

/** What a run of the command left. */
export interface CommandResult {
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

interface Run {
  readonly env: NodeJS.ProcessEnv;
  stdout: string;
  stderr: string;
}

/**
 * Runs of the command in this process. What a command awaits sees the environment of its run and prints into it; all
 * else in the process goes on as before, so commands may run at the same time, beside workers.
 */
export class CommandRuns {
  readonly #current = new AsyncLocalStorage<Run>();
  readonly #restore: readonly (() => void)[];

  constructor() {
    this.#restore = [this.#divertEnvironment(), this.#divert('stdout'), this.#divert('stderr')];
  }

  async run(args: readonly string[], env: NodeJS.ProcessEnv): Promise<CommandResult> {
    const own: Run = { env, stdout: '', stderr: '' };
    const exitCode = await this.#current.run(own, () => run(args));
    return { exitCode, stdout: own.stdout, stderr: own.stderr };
  }

  /** Gives the process back. */
  close(): void {
    for (const restore of this.#restore) restore();
  }

  #divertEnvironment(): () => void {
    const { env } = process;
    const get = (): NodeJS.ProcessEnv => this.#current.getStore()?.env ?? env;
    Object.defineProperty(process, 'env', { get, configurable: true, enumerable: true });
    return () => {
      Object.defineProperty(process, 'env', {
        value: env,
        writable: true,
        configurable: true,
        enumerable: true,
      });
    };
  }

  #divert(name: 'stdout' | 'stderr'): () => void {
    const stream = process[name];
    const write = stream.write.bind(stream);
    const passOn = write as (...args: readonly unknown[]) => boolean;
    stream.write = (chunk: string | Uint8Array, ...rest: readonly unknown[]): boolean => {
      const current = this.#current.getStore();
      if (current === undefined) return passOn(chunk, ...rest);
      current[name] += typeof chunk === 'string' ? chunk : Buffer.from(chunk).toString();
      return true;
    };
    return () => {
      stream.write = write;
    };
  }
}
