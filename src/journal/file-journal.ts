import { randomUUID } from 'node:crypto';
import { mkdir, readdir, readFile, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { JournalEntry } from '../contract/journal-entry.js';
import { ABANDONED_FILE_AGE_MS } from '../policy/numbers.js';
import { createFile, replaceFile, syncFolder } from './durable-file.js';
import { guarded } from './guarded.js';
import { OneAfterAnother } from './one-after-another.js';
import { JournalError, type RefreshJournal, type SealedEntry, type Sealer } from './port.js';
import { type EntryKey, entryName, openEntry, sealEntry } from './sealed-entry.js';

/** What `replaceFile` leaves when its process is killed; nothing else in the folder is ours to remove. */
const ABANDONED_NAME = /^(?:[0-9a-f]{64}\.sealed|journal-id)\.\d+$/;
const ENTRY_FILE = /^([0-9a-f]{64})\.sealed$/;
const ID_FILE = 'journal-id';
const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/**
 * Opens a journal in a folder of this host, made with mode 0700 if it is missing. One sealed file per
 * credential and namespace, mode 0600, named by a hash: neither name nor content reveals anything. Each update is made
 * durable (file, then folder) before it counts. It serves the workers of one host; those of one process update an
 * entry one after another.
 * @throws JournalError when the folder cannot be made or read
 */
export async function openFileJournal(
  folder: string,
  namespace: string,
  sealer: Sealer,
): Promise<RefreshJournal> {
  const id = await guarded('journal folder cannot be used', async () => {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    await syncFolder(dirname(folder));
    await removeAbandoned(folder);
    return journalId(folder);
  });
  const updates = new OneAfterAnother();
  const read = async (credentialId: string): Promise<JournalEntry | undefined> => {
    const key = { namespace, credentialId };
    const sealed = await readIfPresent(entryPath(folder, key));
    return sealed === undefined ? undefined : openEntry(sealer, key, sealed);
  };
  return {
    id,
    read: (credentialId) => guarded('journal entry cannot be read', () => read(credentialId)),
    update: (credentialId, change) =>
      guarded('journal entry cannot be written', () =>
        updates.run(credentialId, async () => {
          const held = await read(credentialId);
          const next = change(held);
          if (next === undefined) return held;
          const key = { namespace, credentialId };
          await replaceFile(entryPath(folder, key), sealEntry(sealer, key, next));
          return next;
        }),
      ),
    remove: (credentialId) =>
      guarded('journal entry cannot be removed', () =>
        updates.run(credentialId, async () => {
          await rm(entryPath(folder, { namespace, credentialId }), { force: true });
          await syncFolder(folder);
        }),
      ),
    sealedEntries: () =>
      guarded('journal folder cannot be read', () => sealedEntries(folder, sealer)),
    check: () =>
      guarded('journal folder cannot be used', async () => {
        if ((await journalId(folder)) !== id) throw new JournalError('journal was replaced');
      }),
    close: () => Promise.resolve(),
  };
}

function entryPath(folder: string, key: EntryKey): string {
  return join(folder, `${entryName(key)}.sealed`);
}

/** The id that the folder has, or gets now. */
async function journalId(folder: string): Promise<string> {
  const path = join(folder, ID_FILE);
  const known = (await readIfPresent(path))?.toString().trim();
  if (known !== undefined) {
    if (!UUID.test(known)) throw new JournalError('journal-id of the folder is damaged');
    return known;
  }
  await createFile(path, Buffer.from(`${randomUUID()}\n`));
  return journalId(folder);
}

async function sealedEntries(folder: string, sealer: Sealer): Promise<readonly SealedEntry[]> {
  const names = (await readdir(folder)).flatMap((file) => ENTRY_FILE.exec(file)?.[1] ?? []);
  const entries: SealedEntry[] = [];
  for (const name of names.sort()) {
    const sealed = await readIfPresent(join(folder, `${name}.sealed`));
    const keyId = sealed === undefined ? undefined : sealer.keyIdOf(sealed);
    if (sealed !== undefined) entries.push({ name, ...(keyId === undefined ? {} : { keyId }) });
  }
  return entries;
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
