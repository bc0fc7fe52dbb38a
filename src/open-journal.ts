import type { Config } from './config.js';
import { createSealer } from './encryption/sealer.js';
import { openFileJournal } from './journal/file-journal.js';
import type { RefreshJournal } from './journal/port.js';
import { openPostgresJournal } from './journal/postgres-journal.js';

/** The journal that the settings name, of one Temporal namespace. */
export function openJournal(
  { journal, encryption }: Pick<Config, 'journal' | 'encryption'>,
  namespace: string,
): Promise<RefreshJournal> {
  const sealer = createSealer(encryption);
  return 'url' in journal
    ? openPostgresJournal(journal.url, namespace, sealer)
    : openFileJournal(journal.directory, namespace, sealer);
}
