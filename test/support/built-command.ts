import { spawn } from 'node:child_process';
import type { ChildProcessByStdio } from 'node:child_process';
import { once } from 'node:events';
import { cp, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** What a run of the command left. */
export interface CommandResult {
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** The `evertoken` command, compiled into a folder of its own, so that tests run it as a process. */
export class BuiltCommand {
  /** Where it runs, empty at first: no dev environment is found there. */
  readonly workingDirectory: string;
  readonly #directory: string;

  private constructor(directory: string, workingDirectory: string) {
    this.#directory = directory;
    this.workingDirectory = workingDirectory;
  }

  static async build(): Promise<BuiltCommand> {
    const directory = await mkdtemp(join(tmpdir(), 'evertoken-command-'));
    await cp(join(ROOT, 'src'), join(directory, 'dist'), { recursive: true });
    await cp(join(ROOT, 'package.json'), join(directory, 'package.json'));
    await symlink(join(ROOT, 'node_modules'), join(directory, 'node_modules'));
    const files = await readdir(join(directory, 'dist'), { recursive: true });
    await Promise.all(
      files
        .filter((file) => file.endsWith('.ts'))
        .map((file) => transpile(join(directory, 'dist', file))),
    );
    return new BuiltCommand(directory, await mkdtemp(join(tmpdir(), 'evertoken-work-')));
  }

  /** The program that Node runs. */
  get program(): string {
    return join(this.#directory, 'dist/cli/main.js');
  }

  /** Runs it to its end. */
  async run(
    args: readonly string[],
    env: Readonly<Record<string, string>> = {},
  ): Promise<CommandResult> {
    const child = this.start(args, env);
    const [stdout, stderr] = await Promise.all([
      text(child.stdout),
      text(child.stderr),
      child.exitCode ?? once(child, 'exit'),
    ]);
    return { exitCode: child.exitCode, stdout, stderr };
  }

  /** Starts it; of this process's environment it sees only what a program needs to run. */
  start(
    args: readonly string[],
    env: Readonly<Record<string, string>> = {},
  ): ChildProcessByStdio<null, Readable, Readable> {
    const { PATH, HOME, XDG_CACHE_HOME } = process.env;
    return spawn(process.execPath, [this.program, ...args], {
      cwd: this.workingDirectory,
      env: { PATH, HOME, XDG_CACHE_HOME, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
  }

  /** Writes a file into its working directory. */
  async write(name: string, content: string): Promise<void> {
    await writeFile(join(this.workingDirectory, name), content);
  }

  async remove(): Promise<void> {
    await rm(this.#directory, { recursive: true, force: true });
    await rm(this.workingDirectory, { recursive: true, force: true });
  }
}

async function transpile(file: string): Promise<void> {
  const { outputText } = ts.transpileModule(await readFile(file, 'utf8'), {
    compilerOptions: { module: ts.ModuleKind.ESNext, target: ts.ScriptTarget.ES2022 },
  });
  await writeFile(file.replace(/\.ts$/, '.js'), outputText);
}
