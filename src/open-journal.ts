import type { Config } from './config.js';
import { createSealer } from './encryption/sealer.js';
import type { RefreshJournal } from './journal/port.js';

/** The journal that the settings name, of one Temporal namespace. Only the driver that it needs is loaded. */
export async function openJournal(
  { journal, encryption }: Pick<Config, 'journal' | 'encryption'>,
  namespace: string,
): Promise<RefreshJournal> {
  const sealer = createSealer(encryption);
  if ('url' in journal) {
    const { openPostgresJournal } = await import('./journal/postgres-journal.js');
    return openPostgresJournal(journal.url, namespace, sealer);
  }
  const { openSqliteJournal } = await import('./journal/sqlite-journal.js');
  return openSqliteJournal(journal.directory, namespace, sealer);
}
