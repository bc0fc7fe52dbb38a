import { readdir } from 'node:fs/promises';
import { withJournalErrors } from './journal-errors.js';
import type { JournalLocation } from './journal-location.js';
import { openJournal } from './open-journal.js';
import type { RefreshJournal, Sealer } from './port.js';
import { isPostgresJournalThere } from './postgres-journal.js';

/** As `openJournal`, but makes no journal: `undefined` if there is none at the location. */
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
      return (await readdir(folder)).length > 0;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false;
      throw error;
    }
  });
}
