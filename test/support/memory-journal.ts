import type { JournalEntry } from '../../src/contract/journal-entry.js';
import {
  type JournalChange,
  JournalError,
  type RefreshJournal,
  type SealedEntry,
} from '../../src/journal/port.js';

/** A journal in memory that can be told to fail, and that remembers every write in order. */
export class MemoryJournal implements RefreshJournal {
  readonly id: string;
  readonly entries = new Map<string, JournalEntry>();
  readonly writes: JournalEntry[] = [];
  failsToRead = false;
  readError = new JournalError('cannot be read');
  onRead: () => void = () => undefined;
  onUpdate: () => void = () => undefined;
  /** Writes that still succeed. */
  writesLeft = Number.POSITIVE_INFINITY;

  constructor(id = 'journal-1') {
    this.id = id;
  }

  read(credentialId: string): Promise<JournalEntry | undefined> {
    this.onRead();
    if (this.failsToRead) return Promise.reject(this.readError);
    return Promise.resolve(structuredClone(this.entries.get(credentialId)));
  }

  update(credentialId: string, change: JournalChange): Promise<JournalEntry | undefined> {
    this.onUpdate();
    const held = this.entries.get(credentialId);
    const next = change(structuredClone(held));
    if (next === undefined) return Promise.resolve(structuredClone(held));
    if (this.writesLeft <= 0) return Promise.reject(new JournalError('cannot be written'));
    this.writesLeft -= 1;
    this.writes.push(structuredClone(next));
    this.entries.set(credentialId, structuredClone(next));
    return Promise.resolve(structuredClone(next));
  }

  remove(credentialId: string): Promise<boolean> {
    return Promise.resolve(this.entries.delete(credentialId));
  }

  sealedEntries(): Promise<readonly SealedEntry[]> {
    return Promise.resolve([...this.entries.keys()].map((name) => ({ name })));
  }

  check(): Promise<void> {
    return this.failsToRead
      ? Promise.reject(new JournalError('cannot be used'))
      : Promise.resolve();
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}
