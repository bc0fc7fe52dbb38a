import { spawn } from 'node:child_process';
import { constants } from 'node:fs';
import { access } from 'node:fs/promises';
import { delimiter, join } from 'node:path';

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
  /** Gets each line of standard error as it comes. */
  readonly onErrorLine?: (line: string) => void;
}

/**
 * Runs a command to its end.
 *
 * @throws an `Error` with the last lines of its standard error, unless it exits with 0.
 */
export async function run(
  command: string,
  args: readonly string[],
  { env = process.env, signal, timeoutMs, onErrorLine }: RunOptions,
): Promise<void> {
  const child = spawn(command, args, {
    env,
    stdio: ['ignore', 'ignore', 'pipe'],
    ...(signal && { signal }),
    ...(timeoutMs !== undefined && { timeout: timeoutMs }),
  });
  let lastLines: string[] = [];
  let partial = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    const lines = (partial + text).split('\n');
    partial = lines.pop() ?? '';
    lastLines = [...lastLines, ...lines].slice(-KEPT_LINES);
    for (const line of lines) onErrorLine?.(line);
  });
  const [code, endedBy] = await new Promise<[number | null, NodeJS.Signals | null]>(
    (resolve, reject) => {
      child.once('error', reject).once('close', (...end) => resolve(end));
    },
  );
  if (code === 0) return;
  const text = [...lastLines, partial].join('\n').trim();
  throw new Error(`${command} failed [exit=${code ?? endedBy ?? 'unknown'}]: ${text}`);
}
