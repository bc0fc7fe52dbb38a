import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { JournalEntry } from '../contract/journal-entry.js';
import { ABANDONED_FILE_AGE_MS } from '../policy/numbers.js';
import { replaceFile, syncFolder } from './durable-file.js';
import { JournalError, type RefreshJournal, type Sealer } from './port.js';

/** What `replaceFile` leaves when its process is killed; nothing else in the folder is ours to remove. */
const ABANDONED_NAME = /^[0-9a-f]{64}\.sealed\.\d+$/;

/**
 * Opens a journal in a folder of this host, made with mode 0700 if it is missing. One sealed file per
 * credential, mode 0600, named by a hash: neither name nor content reveals anything. Each write is made
 * durable (file, then folder) before it counts. It serves the workers of one host.
 * @throws JournalError when the folder cannot be made or read
 */
export async function openFileJournal(folder: string, sealer: Sealer): Promise<RefreshJournal> {
  await guarded('journal folder cannot be used', async () => {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    await syncFolder(dirname(folder));
    await removeAbandoned(folder);
  });
  return {
    read: (credentialId) =>
      guarded('journal entry cannot be read', async () => {
        const sealed = await readIfPresent(entryPath(folder, credentialId));
        if (sealed === undefined) return undefined;
        const plain = sealer.open(sealed, contextOf(credentialId));
        return JSON.parse(Buffer.from(plain).toString('utf8')) as JournalEntry;
      }),
    write: (credentialId, entry) =>
      guarded('journal entry cannot be written', async () => {
        const plain = Buffer.from(JSON.stringify(entry), 'utf8');
        const sealed = Buffer.from(sealer.seal(plain, contextOf(credentialId)));
        await replaceFile(entryPath(folder, credentialId), sealed);
      }),
  };
}

function entryPath(folder: string, credentialId: string): string {
  const name = createHash('sha256').update(credentialId).digest('hex');
  return join(folder, `${name}.sealed`);
}

/** Binds an entry to its credential: a file copied over another one's does not open. */
function contextOf(credentialId: string): string {
  return `evertoken refresh journal ${credentialId}`;
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

/** System errors name paths, and a broken entry could be quoted: neither leaves the journal. */
async function guarded<Result>(problem: string, work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? (error as Error).name;
    throw new JournalError(`${problem} [cause=${code}]`);
  }
}
