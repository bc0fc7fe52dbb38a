import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpuMs, peakResidentBytes } from './processes.js';

/** A look reads all of `/proc`, so more of them would be load. */
const LOOK_EVERY_MS = 250;

/** How a process that ended by itself went. */
export interface ProcessRun {
  readonly ms: number;
  readonly exitCode: number | null;
  /** The most memory that it had, in bytes, as it was last seen: within 250 ms of its end. */
  readonly peakBytes: number;
  /** Its CPU time in milliseconds, as it was last seen. */
  readonly cpuMs: number;
  /** The end of what it said. */
  readonly output: string;
}

const OUTPUT_TAIL_CHARS = 2_000;

/** Runs a module with `node` to its end, with these variables alone. */
export async function runProcess(
  args: readonly string[],
  env: Readonly<Record<string, string>>,
): Promise<ProcessRun> {
  const startedAt = performance.now();
  const child = spawn(process.execPath, [...args], {
    env: { PATH: process.env['PATH'], ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const kill = (): boolean => child.kill('SIGKILL');
  process.once('exit', kill);
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk: Buffer) => {
      output = (output + chunk.toString()).slice(-OUTPUT_TAIL_CHARS);
    });
  }
  let peakBytes = 0;
  let usedMs = 0;
  const look = setInterval(() => {
    if (child.pid === undefined) return;
    peakBytes = Math.max(peakBytes, peakResidentBytes([child.pid]));
    usedMs = Math.max(usedMs, cpuMs([child.pid]));
  }, LOOK_EVERY_MS);
  const [exitCode] = (await once(child, 'close')) as [number | null];
  clearInterval(look);
  process.off('exit', kill);
  return { ms: performance.now() - startedAt, exitCode, peakBytes, cpuMs: usedMs, output };
}
