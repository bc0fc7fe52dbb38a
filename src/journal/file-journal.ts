import { mkdir, readdir, readFile, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { JournalEntry } from '../contract/journal-entry.js';
import { ABANDONED_FILE_AGE_MS } from '../policy/numbers.js';
import { replaceFile, syncFolder } from './durable-file.js';
import { guarded } from './guarded.js';
import { OneAfterAnother } from './one-after-another.js';
import type { RefreshJournal, Sealer } from './port.js';
import { entryName, openEntry, sealEntry } from './sealed-entry.js';

/** What `replaceFile` leaves when its process is killed; nothing else in the folder is ours to remove. */
const ABANDONED_NAME = /^[0-9a-f]{64}\.sealed\.\d+$/;

/**
 * Opens a journal in a folder of this host, made with mode 0700 if it is missing. One sealed file per
 * credential, mode 0600, named by a hash: neither name nor content reveals anything. Each update is made
 * durable (file, then folder) before it counts. It serves the workers of one host; those of one process update an
 * entry one after another.
 * @throws JournalError when the folder cannot be made or read
 */
export async function openFileJournal(folder: string, sealer: Sealer): Promise<RefreshJournal> {
  await guarded('journal folder cannot be used', async () => {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    await syncFolder(dirname(folder));
    await removeAbandoned(folder);
  });
  const updates = new OneAfterAnother();
  const read = async (credentialId: string): Promise<JournalEntry | undefined> => {
    const sealed = await readIfPresent(entryPath(folder, credentialId));
    return sealed === undefined ? undefined : openEntry(sealer, credentialId, sealed);
  };
  return {
    read: (credentialId) => guarded('journal entry cannot be read', () => read(credentialId)),
    update: (credentialId, change) =>
      guarded('journal entry cannot be written', () =>
        updates.run(credentialId, async () => {
          const held = await read(credentialId);
          const next = change(held);
          if (next === undefined) return held;
          const sealed = sealEntry(sealer, credentialId, next);
          await replaceFile(entryPath(folder, credentialId), sealed);
          return next;
        }),
      ),
    close: () => Promise.resolve(),
  };
}

function entryPath(folder: string, credentialId: string): string {
  return join(folder, `${entryName(credentialId)}.sealed`);
}

async function readIfPresent(path: string): Promise<Buffer | undefined> {
  try {
    return await readFile(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

/** A killed worker leaves half-written files; young ones may belong to another worker of this host. */
async function removeAbandoned(folder: string): Promise<void> {
  const oldestKept = Date.now() - ABANDONED_FILE_AGE_MS;
  for (const name of await readdir(folder)) {
    if (!ABANDONED_NAME.test(name)) continue;
    const path = join(folder, name);
    const found = await stat(path).catch(() => undefined);
    if (found?.isFile() === true && found.mtimeMs < oldestKept) await rm(path, { force: true });
  }
}
