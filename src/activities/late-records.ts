import type { JournalEntry } from '../contract/journal-entry.js';
import type { JournalChange, RefreshJournal } from '../journal/port.js';
import {
  LATE_RECORD_FIRST_MS,
  LATE_RECORD_FOR_MS,
  LATE_RECORD_MAX_MS,
  LATE_RECORDS_CLOSE_MS,
} from '../policy/attempt-numbers.js';
import { recordOf } from '../policy/lineage.js';

/** What could not be journaled when it came. */
export interface LateRecord {
  readonly credentialId: string;
  /** The login that it belongs to. */
  readonly lineage: string;
  /** Names it in the log. */
  readonly subject: string;
  readonly change: JournalChange;
  readonly log: (level: 'info' | 'warn', message: string) => void;
}

/**
 * What came back from providers and could not be journaled yet, for all activities of one worker process. Temporal may
 * never learn of it: its server may be away too, and a refresh token that came without an access token rests in the
 * journal only. So it is tried again for as long as that may help.
 */
export class LateRecords {
  readonly #journal: Pick<RefreshJournal, 'update'>;
  /** The last record of each credential for which one is pending. */
  readonly #pending = new Map<string, Promise<void>>();
  /** Ends the pauses. */
  readonly #wakes = new Set<() => void>();
  #isClosing = false;
  #isClosed = false;

  constructor(journal: Pick<RefreshJournal, 'update'>) {
    this.#journal = journal;
  }

  /** Whether the journal lacks something of the credential that may be written any moment. */
  isPending(credentialId: string): boolean {
    return this.#pending.has(credentialId);
  }

  /** Tries again in the background, after what else is pending of the credential. */
  add(record: LateRecord): void {
    const { credentialId } = record;
    const before = this.#pending.get(credentialId) ?? Promise.resolve();
    const over = before
      .then(() => this.#write(record))
      .finally(() => {
        if (this.#pending.get(credentialId) === over) this.#pending.delete(credentialId);
      });
    this.#pending.set(credentialId, over);
  }

  /** Tries at once what is pending, and gives it up soon after. The journal is left alone from then on. */
  async close(): Promise<void> {
    this.#isClosing = true;
    this.#wake();
    let timer: NodeJS.Timeout | undefined;
    const deadline = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, LATE_RECORDS_CLOSE_MS);
    });
    await Promise.race([Promise.all(this.#pending.values()), deadline]);
    clearTimeout(timer);
    this.#isClosed = true;
    this.#wake();
  }

  /** Never rejects. */
  async #write({ credentialId, lineage, subject, change, log }: LateRecord): Promise<void> {
    // An entry that an operator removed meanwhile must not come back, nor a login of it into the one of a later login.
    const unlessRemoved: JournalChange = (held) =>
      held !== undefined && knowsLogin(held, lineage) ? change(held) : undefined;
    const limit = new AbortController();
    const timer = setTimeout(() => limit.abort(), LATE_RECORD_FOR_MS).unref();
    try {
      let pauseMs = LATE_RECORD_FIRST_MS;
      while (await this.#mayTryAfter(pauseMs, limit.signal)) {
        pauseMs = Math.min(2 * pauseMs, LATE_RECORD_MAX_MS);
        const written = await this.#written(credentialId, unlessRemoved);
        if (written === undefined) continue;
        const outcome = written.isRemoved
          ? 'needs no journal: its entry was removed'
          : 'is journaled now';
        log('info', `${subject} ${outcome}`);
        return;
      }
      log('warn', `${subject} was never journaled`);
    } finally {
      clearTimeout(timer);
    }
  }

  /** Whether there is an entry, once the change is durable; `undefined` where the journal fails. */
  async #written(
    credentialId: string,
    change: JournalChange,
  ): Promise<{ readonly isRemoved: boolean } | undefined> {
    try {
      return { isRemoved: (await this.#journal.update(credentialId, change)) === undefined };
    } catch {
      // Why was logged with the first try.
      return undefined;
    }
  }

  async #mayTryAfter(pauseMs: number, limit: AbortSignal): Promise<boolean> {
    await this.#pause(this.#isClosing ? LATE_RECORD_FIRST_MS : pauseMs);
    return !limit.aborted && !this.#isClosed;
  }

  /** Keeps no process alive. */
  #pause(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const wake = (): void => {
        clearTimeout(timer);
        this.#wakes.delete(wake);
        resolve();
      };
      const timer = setTimeout(wake, ms).unref();
      this.#wakes.add(wake);
    });
  }

  #wake(): void {
    for (const wake of this.#wakes) wake();
  }
}

function knowsLogin(held: JournalEntry, lineage: string): boolean {
  return recordOf(held, lineage) !== undefined;
}
