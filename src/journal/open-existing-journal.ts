import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { withJournalErrors } from './journal-errors.js';
import { DATABASE_FILE } from './journal-folder.js';
import type { JournalLocation } from './journal-location.js';
import { openJournal } from './open-journal.js';
import { JournalError, type RefreshJournal, type Sealer } from './port.js';
import { isPostgresJournalThere } from './postgres-journal.js';

/**
 * As `openJournal`, but makes no journal: `undefined` if there is none at the location.
 * @throws JournalError also if a folder has what belongs to a database, but not the database
 */
export async function openExistingJournal(
  location: JournalLocation,
  namespace: string,
  sealer: Sealer,
): Promise<RefreshJournal | undefined> {
  const isThere = await ('url' in location
    ? isPostgresJournalThere(location.url)
    : isInFolder(location.directory));
  return isThere ? openJournal(location, namespace, sealer) : undefined;
}

function isInFolder(folder: string): Promise<boolean> {
  return withJournalErrors('journal folder cannot be read', async () => {
    try {
      const names = await readdir(folder);
      const left = names.find((name) => name.startsWith(`${DATABASE_FILE}-`));
      if (names.includes(DATABASE_FILE)) {
        // A file that was only made, and to which no log belongs, would become a new journal.
        return left !== undefined || (await stat(join(folder, DATABASE_FILE))).size > 0;
      }
      if (left === undefined) return false;
      throw new JournalError(
        `journal database is missing beside its ${left}; bring it back, see “The journal is lost” in disaster recovery`,
      );
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false;
      throw error;
    }
  });
}
