import { mkdir, mkdtemp, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const LOCK_POLL_MS = 500;

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
  for (;;) {
    try {
      await writeFile(lock, String(process.pid), { flag: 'wx' });
      return;
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
    }
    const owner = Number(await readFile(lock, 'utf8').catch(() => ''));
    if (owner > 0 && !isAlive(owner)) {
      await rm(lock, { force: true });
      continue;
    }
    if (!told) report(`waiting for process ${owner}, which is making the same`);
    told = true;
    await sleep(LOCK_POLL_MS, undefined, signal ? { signal } : {});
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}
