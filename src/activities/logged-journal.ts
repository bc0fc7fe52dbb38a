import type { JournalEntry } from '../contract/journal-entry.js';
import { LOG_KEYS } from '../contract/names.js';
import { type JournalChange, JournalError, UnopenedEntryError } from '../journal/port.js';
import type { RefreshDeps } from './ports.js';

/** An entry, if there is one, or why it cannot be read. */
export type Reading =
  | { readonly entry: JournalEntry | undefined }
  | { readonly unread: 'journal_unreadable' | 'journal_undecipherable' };

type LogWarning = (message: string, facts: Record<string, unknown>) => void;

/** The entry of one credential in the journal, for one activity: why it fails is logged, and failed writes are counted. */
export class LoggedJournal {
  readonly #deps: Pick<RefreshDeps, 'journal' | 'metrics'>;
  readonly #of: { readonly credentialId: string; readonly provider: string };
  readonly #warn: LogWarning;

  /** @param warn logs a warning with what the activity is about */
  constructor(
    deps: Pick<RefreshDeps, 'journal' | 'metrics'>,
    of: { readonly credentialId: string; readonly provider: string },
    warn: LogWarning,
  ) {
    this.#deps = deps;
    this.#of = of;
    this.#warn = warn;
  }

  async read(): Promise<Reading> {
    try {
      return { entry: await this.#deps.journal.read(this.#of.credentialId) };
    } catch (error) {
      if (!(error instanceof UnopenedEntryError)) {
        this.#sayWhy(error);
        return { unread: 'journal_unreadable' };
      }
      this.#warn('journal entry does not open', { [LOG_KEYS.keyId]: error.keyId ?? 'unknown' });
      return { unread: 'journal_undecipherable' };
    }
  }

  /** Rejects with the journal's error. */
  async update(change: JournalChange): Promise<JournalEntry | undefined> {
    try {
      return await this.#deps.journal.update(this.#of.credentialId, change);
    } catch (error) {
      this.#deps.metrics.journalWriteFailed(this.#of.provider);
      this.#sayWhy(error);
      throw error;
    }
  }

  /** Logs the cause, such as a full disk: the failure itself names only the kind of trouble. */
  #sayWhy(error: unknown): void {
    if (!(error instanceof JournalError)) return;
    this.#warn('refresh journal cannot be used', { [LOG_KEYS.journalError]: error.message });
  }
}
