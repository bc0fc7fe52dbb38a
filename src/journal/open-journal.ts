import type { JournalLocation } from './journal-location.js';
import type { RefreshJournal, Sealer } from './port.js';

/** Opens the journal of one Temporal namespace at a location. It loads only the driver that it needs. */
export async function openJournal(
  location: JournalLocation,
  namespace: string,
  sealer: Sealer,
): Promise<RefreshJournal> {
  if ('url' in location) {
    const { openPostgresJournal } = await import('./postgres-journal.js');
    return openPostgresJournal(location.url, namespace, sealer);
  }
  const { openSqliteJournal } = await import('./sqlite-journal.js');
  return openSqliteJournal(location.directory, namespace, sealer);
}
