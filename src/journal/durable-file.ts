import { randomInt } from 'node:crypto';
import { link, open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';

const OWNER_ONLY = 0o600;
/** What `randomInt` takes as its largest range. */
const NAME_RANGE = 2 ** 48 - 1;

/**
 * Replaces a file, or makes it with mode 0600, and resolves when the new content is durable: it is flushed beside
 * the file, renamed over it, and the folder is flushed. Whatever dies in between, the file holds the old content or
 * the new one; a kill may leave the unfinished `NAME.DIGITS`. Of several at once the last rename wins.
 * @throws the system's error, after removing the unfinished file
 */
export function replaceFile(path: string, content: Uint8Array): Promise<void> {
  return placeFile(path, content, rename);
}

/** Makes a file as `replaceFile` does, unless there is one by then: of several at once the first one stays. */
export function createFile(path: string, content: Uint8Array): Promise<void> {
  return placeFile(path, content, async (unfinished) => {
    await link(unfinished, path).catch((error: unknown) => {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    });
    await rm(unfinished);
  });
}

async function placeFile(
  path: string,
  content: Uint8Array,
  place: (unfinished: string, path: string) => Promise<void>,
): Promise<void> {
  const unfinished = `${path}.${randomInt(NAME_RANGE)}`;
  try {
    const handle = await open(unfinished, 'wx', OWNER_ONLY);
    try {
      await handle.writeFile(content);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await place(unfinished, path);
  } catch (error) {
    await rm(unfinished, { force: true }).catch(() => undefined);
    throw error;
  }
  await syncFolder(dirname(path));
}

/** Makes names in a folder durable: a rename is so only once its folder is. */
export async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
