import { spawn } from 'node:child_process';
import type { ChildProcessByStdio } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { type CommandResult, CommandRuns } from './command-runs.js';
import { shared } from './shared-resources.js';

/** The `evertoken` command in a working directory of its own, which is that of this process meanwhile. */
export class EvertokenCommand {
  /** Empty at first: no dev environment is found there. */
  readonly workingDirectory: string;
  readonly #runs = new CommandRuns();
  readonly #directoryBefore = process.cwd();

  private constructor(workingDirectory: string) {
    this.workingDirectory = workingDirectory;
    process.chdir(workingDirectory);
  }

  static async open(): Promise<EvertokenCommand> {
    return new EvertokenCommand(await mkdtemp(join(tmpdir(), 'evertoken-work-')));
  }

  /** Runs it to its end in this process, which spares the start of one. */
  run(args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<CommandResult> {
    return this.#runs.run(args, environment(env));
  }

  /** Runs it to its end in a process of its own. */
  async runAsProcess(
    args: readonly string[],
    env: Readonly<Record<string, string>> = {},
  ): Promise<CommandResult> {
    const child = await this.start(args, env);
    const [stdout, stderr] = await Promise.all([
      text(child.stdout),
      text(child.stderr),
      child.exitCode ?? once(child, 'exit'),
    ]);
    return { exitCode: child.exitCode, stdout, stderr };
  }

  /** Starts a process of it. */
  async start(
    args: readonly string[],
    env: Readonly<Record<string, string>> = {},
  ): Promise<ChildProcessByStdio<null, Readable, Readable>> {
    return spawn(process.execPath, [await shared('commandPath'), ...args], {
      cwd: this.workingDirectory,
      env: environment(env),
      stdio: ['ignore', 'pipe', 'pipe'],
    });
  }

  /** Writes a file into its working directory. */
  async write(name: string, content: string): Promise<void> {
    await writeFile(join(this.workingDirectory, name), content);
  }

  async remove(): Promise<void> {
    this.#runs.close();
    process.chdir(this.#directoryBefore);
    await rm(this.workingDirectory, { recursive: true, force: true });
  }
}

/** Of this process's environment a command sees only what a program needs to run. */
function environment(env: Readonly<Record<string, string>>): NodeJS.ProcessEnv {
  const { PATH, HOME, XDG_CACHE_HOME } = process.env;
  return { PATH, HOME, ...(XDG_CACHE_HOME !== undefined && { XDG_CACHE_HOME }), ...env };
}
