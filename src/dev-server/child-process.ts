import { spawn } from 'node:child_process';
import { constants } from 'node:fs';
import { access } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { createInterface } from 'node:readline';
import { defined } from '../contract/defined.js';

/** What the platform appends to names of executables. */
export const EXECUTABLE_SUFFIX = process.platform === 'win32' ? '.exe' : '';

const KEPT_LINES = 5;

/** Absolute path of a command on `PATH`, or `undefined`. */
export async function findOnPath(
  command: string,
  env: NodeJS.ProcessEnv = process.env,
): Promise<string | undefined> {
  for (const directory of (env['PATH'] ?? '').split(delimiter).filter(Boolean)) {
    const path = join(directory, command + EXECUTABLE_SUFFIX);
    const found = await access(path, constants.X_OK).then(
      () => true,
      () => false,
    );
    if (found) return path;
  }
  return undefined;
}

/** How a command is run. */
export interface RunOptions {
  readonly env?: NodeJS.ProcessEnv;
  /** Ends the command with SIGTERM. */
  readonly signal?: AbortSignal;
  /** Ends the command after this; default never. */
  readonly timeoutMs?: number;
  /** Gets each line of output as it comes. */
  readonly onLine?: (line: string) => void;
}

/**
 * Runs a command to its end.
 *
 * @throws an `Error` with the last lines of its output, unless it exits with 0.
 */
export async function run(
  command: string,
  args: readonly string[],
  { env = process.env, signal, timeoutMs, onLine }: RunOptions,
): Promise<void> {
  const child = spawn(command, args, {
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
    ...defined({ signal, timeout: timeoutMs }),
  });
  let lastLines: string[] = [];
  for (const output of [child.stdout, child.stderr]) {
    createInterface(output).on('line', (line) => {
      lastLines = [...lastLines, line].slice(-KEPT_LINES);
      onLine?.(line);
    });
  }
  const [code, endedBy] = await new Promise<[number | null, NodeJS.Signals | null]>(
    (resolve, reject) => {
      child.once('error', reject).once('close', (...end) => resolve(end));
    },
  );
  if (code === 0) return;
  const text = lastLines.join('\n').trim();
  throw new Error(`${command} failed [exit=${code ?? endedBy ?? 'unknown'}]: ${text}`);
}
