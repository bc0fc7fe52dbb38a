import { JournalError } from './port.js';

/** A journal whose id its database has lost. */
export function idLost(): JournalError {
  return new JournalError('journal database has lost its id');
}

/**
 * Checks that the journal is still the one that was opened. A database can be emptied, restored or replaced beneath a
 * running worker, and another journal knows nothing of the requests that this worker has sent.
 * @throws JournalError
 */
export function requireSameJournal(openedId: string, foundId: string): void {
  if (foundId === openedId) return;
  throw new JournalError(
    'journal was replaced by another one; bring it back, or start the worker again to use what is there',
  );
}
