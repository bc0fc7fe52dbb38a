import { randomUUID } from 'node:crypto';
import { link, mkdir, mkdtemp, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { isProcessAlive } from './process-alive.js';

const LOCK_POLL_MS = 500;

/** Locks of this process. Any other that names it is of a process of before that had the same id. */
const heldHere = new Set<string>();

/** Whether something exists at the path. */
export async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}

/**
 * Makes a directory once for all processes of this machine. `make` fills an empty directory beside it, which takes
 * its name only when complete, so a half-made one is never used. A second process waits for the first; it makes the
 * directory itself when the first ended without success.
 *
 * @throws what `make` throws; an `AbortError` when `signal` fires while waiting.
 */
export async function makeOnce(
  directory: string,
  make: (emptyDirectory: string) => Promise<void>,
  report: (line: string) => void,
  signal?: AbortSignal,
): Promise<void> {
  if (await exists(directory)) return;
  const parent = dirname(directory);
  await mkdir(parent, { recursive: true });
  const lock = `${directory}.lock`;
  await takeLock(lock, report, signal);
  try {
    if (await exists(directory)) return;
    const unfinished = await mkdtemp(join(parent, `.${basename(directory)}-`));
    try {
      await make(unfinished);
      await rename(unfinished, directory);
    } finally {
      await rm(unfinished, { recursive: true, force: true });
    }
  } finally {
    heldHere.delete(lock);
    await rm(lock, { force: true });
  }
}

/** Two processes may both take over a lock whose owner died; they then do the same work twice, which harms nothing. */
async function takeLock(
  lock: string,
  report: (line: string) => void,
  signal: AbortSignal | undefined,
): Promise<void> {
  let told = false;
  while (!(await wasTaken(lock))) {
    const owner = await ownerOf(lock);
    if (owner === undefined) continue;
    const isHeld = owner === process.pid ? heldHere.has(lock) : isProcessAlive(owner);
    if (!isHeld) {
      await rm(lock, { force: true });
      continue;
    }
    if (!told) report(`waiting for process ${owner}, which is making the same`);
    told = true;
    await sleep(LOCK_POLL_MS, undefined, signal ? { signal } : {});
  }
  heldHere.add(lock);
}

/** Makes the lock if there is none. It takes its name with its owner in it, so an empty one is nobody's. */
async function wasTaken(lock: string): Promise<boolean> {
  const own = `${lock}-${randomUUID()}`;
  await writeFile(own, String(process.pid));
  try {
    await link(own, lock);
    return true;
  } catch (error) {
    if (!hasCode(error, 'EEXIST')) throw error;
    return false;
  } finally {
    await rm(own, { force: true });
  }
}

/** The process that a lock names, 0 where it names none; `undefined` if there is no lock any more. */
async function ownerOf(lock: string): Promise<number | undefined> {
  try {
    return Number(await readFile(lock, 'utf8'));
  } catch (error) {
    return hasCode(error, 'ENOENT') ? undefined : 0;
  }
}

function hasCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}
