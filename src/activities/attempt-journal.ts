import type { JournalEntry } from '../contract/journal-entry.js';
import type { RefreshRequest } from '../contract/refresh-activity.js';
import type { AttemptReport } from './attempt-report.js';
import type { RefreshDeps } from './ports.js';

/** The journal as one attempt uses it: what it cannot do without fails the attempt, what is too late to fail is said. */
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
    } catch {
      throw this.#report.notSent('JournalUnavailableError', 'journal_unreadable');
    }
  }

  /** What the journal says now, if it can be read: for a second look after the request. */
  async readAgain(): Promise<JournalEntry | undefined> {
    return this.#deps.journal.read(this.#request.credentialId).catch(() => undefined);
  }

  /** Without a durable intent no request goes out: a crash would hide it. */
  async writeIntent(entry: JournalEntry): Promise<void> {
    try {
      await this.#deps.journal.write(this.#request.credentialId, entry);
    } catch {
      this.#deps.metrics.journalWriteFailed(this.#request.provider);
      throw this.#report.notSent('JournalUnavailableError', 'intent_not_written');
    }
  }

  /** What came back is handed on even if it cannot be recorded: Temporal will have it in a moment. */
  async record(entry: JournalEntry): Promise<void> {
    try {
      await this.#deps.journal.write(this.#request.credentialId, entry);
    } catch {
      this.#deps.metrics.journalWriteFailed(this.#request.provider);
      this.#report.log('warn', 'outcome of a refresh could not be journaled');
    }
  }
}
