import { access, constants, mkdir, open, rmdir, stat, statfs } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { JournalError } from './port.js';

export const DATABASE_FILE = 'journal.sqlite';
const OWNER_ONLY_FOLDER = 0o700;
const OWNER_ONLY_FILE = 0o600;

/** Network file systems, by Linux's numbers for them (`man 2 statfs`). Other systems use other numbers, which match none. */
const NETWORK_FILE_SYSTEMS: ReadonlyMap<number, string> = new Map([
  [0x6969, 'NFS'],
  [0x517b, 'SMB'],
  [0xfe534d42, 'SMB'],
  [0xff534d42, 'CIFS'],
  [0x5346414f, 'AFS'],
  [0x00c36400, 'Ceph'],
  [0x01021997, '9P'],
]);

/**
 * Makes the journal's folder (mode 0700) and its database file (empty, mode 0600) if they are missing. SQLite gives the
 * files beside the database the same mode.
 * @returns path of the database file
 * @throws JournalError if the folder is on a network file system, or the system's error
 */
export async function prepareFolder(folder: string): Promise<string> {
  await makeNamesDurable(await makeFolders(resolve(folder)));
  const network = networkFileSystem((await statfs(folder)).type);
  if (network !== undefined) {
    throw new JournalError(
      `journal folder is on a network file system (${network}), where its database could break: ` +
        'set EVERTOKEN_JOURNAL_DIR to a folder of this host, or use a database by EVERTOKEN_JOURNAL_URL',
    );
  }
  const path = join(folder, DATABASE_FILE);
  await makeFile(path);
  return path;
}

/** Name of the network file system that has this number, if it is one. */
export function networkFileSystem(type: number): string | undefined {
  return NETWORK_FILE_SYSTEMS.get(type);
}

/**
 * It does not open a file that exists: closing that again would let go of the locks that SQLite holds on it in this process.
 */
async function makeFile(path: string): Promise<void> {
  try {
    await (await open(path, 'ax', OWNER_ONLY_FILE)).close();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    await access(path, constants.W_OK);
  }
}

/**
 * Makes a folder, and those above it that are missing, one by one: below `/proc`, where nobody can make any, Node's own
 * recursive call never returns.
 * @returns those that were made, from the innermost to the outermost
 */
async function makeFolders(folder: string): Promise<readonly string[]> {
  try {
    return (await isFolderMade(folder)) ? [folder] : [];
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
  const above = await makeFolders(dirname(folder));
  return (await isFolderMade(folder)) ? [folder, ...above] : above;
}

/** Makes one folder; false if it is there already. */
async function isFolderMade(folder: string): Promise<boolean> {
  try {
    await mkdir(folder, OWNER_ONLY_FOLDER);
    return true;
  } catch (error) {
    const isThere = (error as NodeJS.ErrnoException).code === 'EEXIST';
    if (isThere && (await stat(folder)).isDirectory()) return false;
    throw error;
  }
}

/**
 * Makes the names of new folders durable; each rests in the folder above. If that fails they are removed, since the next start
 * would find them there, and flush nothing. One in which another process has put something stays.
 */
async function makeNamesDurable(made: readonly string[]): Promise<void> {
  try {
    for (const folder of made) await syncFolder(dirname(folder));
  } catch (error) {
    for (const folder of made) await rmdir(folder).catch(() => undefined);
    throw error;
  }
}

async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
