import { readdir } from 'node:fs/promises';
import type { Config } from './config.js';
import { guarded } from './journal/guarded.js';
import type { RefreshJournal } from './journal/port.js';
import { isPostgresJournalThere } from './journal/postgres-journal.js';
import { openJournal } from './open-journal.js';

/** As `openJournal`, but makes none: `undefined` where the settings name a place without a journal. */
export async function openExistingJournal(
  config: Pick<Config, 'journal' | 'encryption'>,
  namespace: string,
): Promise<RefreshJournal | undefined> {
  const { journal } = config;
  const isThere = await ('url' in journal
    ? isPostgresJournalThere(journal.url)
    : isInFolder(journal.directory));
  return isThere ? openJournal(config, namespace) : undefined;
}

function isInFolder(folder: string): Promise<boolean> {
  return guarded('journal folder cannot be read', async () => {
    try {
      return (await readdir(folder)).length > 0;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false;
      throw error;
    }
  });
}
