import { readdirSync, readFileSync } from 'node:fs';

/** Linux counts CPU time in hundredths of a second (`getconf CLK_TCK`). */
const TICK_MS = 10;

interface ProcessEntry {
  readonly pid: number;
  readonly parent: number;
  /** Its own CPU time and that of its children which have ended. */
  readonly cpuMs: number;
}

/** Processes that were started from one, with it, as far as they still run. */
export function processTree(root: number): readonly number[] {
  const entries = allProcesses();
  const found = [root];
  for (const pid of found) {
    found.push(...entries.filter(({ parent }) => parent === pid).map((entry) => entry.pid));
  }
  return found;
}

/** Processes that this one started itself. */
export function childProcesses(): readonly number[] {
  return allProcesses()
    .filter(({ parent }) => parent === process.pid)
    .map(({ pid }) => pid);
}

/** CPU time so far of all processes of these trees, in milliseconds. */
export function cpuMs(roots: readonly number[]): number {
  const pids = new Set(roots.flatMap(processTree));
  return allProcesses()
    .filter(({ pid }) => pids.has(pid))
    .reduce((sum, entry) => sum + entry.cpuMs, 0);
}

/** Resident memory of all processes of these trees, in bytes. */
export function residentBytes(roots: readonly number[]): number {
  return memoryBytes(roots, 'VmRSS');
}

/** The most that these processes have ever had resident, in bytes. */
export function peakResidentBytes(roots: readonly number[]): number {
  return memoryBytes(roots, 'VmHWM');
}

function memoryBytes(roots: readonly number[], field: 'VmRSS' | 'VmHWM'): number {
  const pattern = new RegExp(`^${field}:\\s+(\\d+) kB$`, 'm');
  return roots
    .flatMap(processTree)
    .map((pid) => Number(pattern.exec(readProc(pid, 'status'))?.[1] ?? 0) * 1_024)
    .reduce((sum, bytes) => sum + bytes, 0);
}

function allProcesses(): readonly ProcessEntry[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => {
      // The name of the executable is in parentheses and may hold anything.
      const fields = readProc(Number(name), 'stat').split(') ').at(-1)?.split(' ') ?? [];
      const [, parent, ...rest] = fields;
      if (parent === undefined) return [];
      const ticks = rest.slice(9, 13).reduce((sum, value) => sum + Number(value), 0);
      return [{ pid: Number(name), parent: Number(parent), cpuMs: ticks * TICK_MS }];
    });
}

/** Empty where the process is gone. */
function readProc(pid: number, file: string): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'utf8');
  } catch {
    return '';
  }
}
