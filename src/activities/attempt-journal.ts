import { isDeepStrictEqual } from 'node:util';
import type { Intent, JournalEntry } from '../contract/journal-entry.js';
import { LOG_KEYS } from '../contract/names.js';
import type { RefreshRequest } from '../contract/refresh-activity.js';
import { type JournalChange, JournalError, UnopenedEntryError } from '../journal/port.js';
import { hasOpenIntent, withFoundIntent } from '../policy/journal-record.js';
import type { AttemptReport } from './attempt-report.js';
import type { RefreshDeps } from './ports.js';

/**
 * The journal as one attempt uses it. An attempt fails if it cannot read the entry or record its intent. A failure to
 * record what came back is only logged, since the request is already over.
 */
export class AttemptJournal {
  readonly #deps: Pick<RefreshDeps, 'journal' | 'metrics'>;
  readonly #request: RefreshRequest;
  readonly #report: AttemptReport;

  constructor(
    deps: Pick<RefreshDeps, 'journal' | 'metrics'>,
    request: RefreshRequest,
    report: AttemptReport,
  ) {
    this.#deps = deps;
    this.#request = request;
    this.#report = report;
  }

  async read(): Promise<JournalEntry | undefined> {
    try {
      return await this.#deps.journal.read(this.#request.credentialId);
    } catch (error) {
      if (!(error instanceof UnopenedEntryError)) {
        this.#sayWhy(error);
        throw this.#report.withoutAnswer('JournalUnavailableError', 'journal_unreadable');
      }
      this.#report.log('warn', 'journal entry does not open', {
        [LOG_KEYS.keyId]: error.keyId ?? 'unknown',
      });
      throw this.#report.withoutAnswer('JournalUnavailableError', 'journal_undecipherable');
    }
  }

  /**
   * Records the intent, without which no request goes out: a crash would hide the request. Nothing is recorded if the
   * entry is not the one that was found, since another attempt has begun then and this one knows too little.
   */
  async writeIntent(
    found: JournalEntry | undefined,
    intent: Intent,
    withIntent: JournalEntry,
  ): Promise<void> {
    await this.#replaceFound(found, withIntent, (standing) => hasOpenIntent(standing, intent));
  }

  /**
   * Records until when an open intent is waited for. If that fails, so does the attempt, and the next one begins the
   * wait anew.
   */
  async writeFound(found: Intent, overAtMs: number): Promise<void> {
    await this.#written((held) => withFoundIntent(found, held, overAtMs));
  }

  /** Records an application that no refresh follows at once. Resolves with the entry that then stands. */
  async noteApplication(change: JournalChange): Promise<JournalEntry | undefined> {
    return this.#written(change);
  }

  /** Makes the entry another one before the attempt goes on by it. */
  async replace(found: JournalEntry, next: JournalEntry): Promise<void> {
    await this.#replaceFound(found, next, (standing) => isDeepStrictEqual(standing, next));
  }

  /**
   * Records what came back. The attempt goes on even if that fails, since Temporal will have the outcome in a moment.
   * Resolves with the entry that then stands, if it is known.
   */
  async record(change: JournalChange): Promise<JournalEntry | undefined> {
    return this.#update(change).catch(() => {
      this.#report.log('warn', 'outcome of a refresh could not be journaled');
      return undefined;
    });
  }

  /** Puts an entry in the place of the one that was found. The attempt fails if another one stands there then. */
  async #replaceFound(
    found: JournalEntry | undefined,
    next: JournalEntry,
    isOurs: (standing: JournalEntry | undefined) => boolean,
  ): Promise<void> {
    const standing = await this.#written((held) =>
      isDeepStrictEqual(held, found) ? next : undefined,
    );
    if (!isOurs(standing)) {
      throw this.#report.withoutAnswer('TransientRefreshError', 'attempt_too_late');
    }
  }

  /** Records what the attempt may not go on without. */
  async #written(change: JournalChange): Promise<JournalEntry | undefined> {
    return this.#update(change).catch(() => {
      throw this.#report.withoutAnswer('JournalUnavailableError', 'intent_not_written');
    });
  }

  async #update(change: JournalChange): Promise<JournalEntry | undefined> {
    try {
      return await this.#deps.journal.update(this.#request.credentialId, change);
    } catch (error) {
      this.#deps.metrics.journalWriteFailed(this.#request.provider);
      this.#sayWhy(error);
      throw error;
    }
  }

  /** Logs the cause, such as a full disk: the failure itself names only the kind of trouble. */
  #sayWhy(error: unknown): void {
    if (!(error instanceof JournalError)) return;
    this.#report.log('warn', 'refresh journal cannot be used', {
      [LOG_KEYS.journalError]: error.message,
    });
  }
}
