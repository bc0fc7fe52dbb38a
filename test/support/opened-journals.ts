import type { RefreshJournal } from '../../src/journal/port.js';

/** The journals that a test opens, to be closed after it. */
export class OpenedJournals {
  readonly #opened: RefreshJournal[] = [];

  async add(opening: Promise<RefreshJournal>): Promise<RefreshJournal> {
    const journal = await opening;
    this.#opened.push(journal);
    return journal;
  }

  async close(): Promise<void> {
    await Promise.all(this.#opened.splice(0).map((journal) => journal.close()));
  }
}
