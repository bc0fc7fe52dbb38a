import { isDeepStrictEqual } from 'node:util';
import type { Intent, JournalEntry } from '../contract/journal-entry.js';
import type { RefreshRequest } from '../contract/refresh-activity.js';
import type { JournalChange } from '../journal/port.js';
import { hasOpenIntent, withFoundIntent } from '../policy/journal-record.js';
import type { AttemptReport } from './attempt-report.js';
import { LoggedJournal } from './logged-journal.js';
import type { RefreshDeps } from './ports.js';

/**
 * The journal as one attempt uses it. An attempt fails if it cannot read the entry or record its intent. What came
 * back is recorded later where it cannot be at once, since the request is already over.
 */
export class AttemptJournal {
  readonly #journal: LoggedJournal;
  readonly #report: AttemptReport;
  readonly #late: RefreshDeps['late'];
  readonly #of: Pick<RefreshRequest, 'credentialId' | 'lineage'>;

  constructor(
    deps: Pick<RefreshDeps, 'journal' | 'late' | 'metrics'>,
    request: RefreshRequest,
    report: AttemptReport,
  ) {
    this.#journal = new LoggedJournal(deps, request, (message, facts) =>
      report.log('warn', message, facts),
    );
    this.#report = report;
    this.#late = deps.late;
    const { credentialId, lineage } = request;
    this.#of = { credentialId, lineage };
  }

  async read(): Promise<JournalEntry | undefined> {
    const found = await this.#journal.read();
    if ('entry' in found) return found.entry;
    throw this.#report.withoutAnswer('JournalUnavailableError', found.unread);
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
   * Records what came back. If that fails, the attempt goes on, since Temporal may have the outcome in a moment, and the
   * worker tries again in the background. Resolves with the entry that then stands, if it is known.
   */
  async record(change: JournalChange): Promise<JournalEntry | undefined> {
    return this.#journal.update(change).catch(() => {
      const subject = 'outcome of a refresh';
      this.#report.log('warn', `${subject} could not be journaled`);
      this.#late.add({
        ...this.#of,
        subject,
        change,
        log: (level, message) => this.#report.log(level, message),
      });
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
    return this.#journal.update(change).catch(() => {
      throw this.#report.withoutAnswer('JournalUnavailableError', 'intent_not_written');
    });
  }
}
