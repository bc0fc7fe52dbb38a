import type { JournalEntry } from '../contract/journal-entry.js';

/** What becomes of the entry that is there; `undefined` leaves it as it is. Pure, since it may run more than once. */
export type JournalChange = (held: JournalEntry | undefined) => JournalEntry | undefined;

/** An entry as it rests. */
export interface SealedEntry {
  readonly name: string;
  /** Absent where it is not sealed, or is damaged. */
  readonly keyId?: string;
}

/**
 * The record of what was sent and what came back: one entry per credential. Every method but `close` may reject with
 * a `JournalError`, and with nothing else.
 */
export interface RefreshJournal {
  /** Drawn when the journal was made; a keeper that knows another one lets nothing be sent. */
  readonly id: string;
  read(credentialId: string): Promise<JournalEntry | undefined>;
  /**
   * Replaces the entry whole by what `change` makes of it, in one step: no other update of this journal comes in
   * between. Resolves with the entry that then stands, once that is durable; until then the old one stays readable.
   */
  update(credentialId: string, change: JournalChange): Promise<JournalEntry | undefined>;
  /** Removes an entry, with all that it keeps of earlier logins. */
  remove(credentialId: string): Promise<void>;
  /** Names and sealing keys of all entries; an entry rests under `entryName` of its namespace and credential. */
  sealedEntries(): Promise<readonly SealedEntry[]>;
  /** Rejects while the journal cannot be used. */
  check(): Promise<void>;
  /** Lets go of what the journal holds open; nothing is called after it. */
  close(): Promise<void>;
}

/** Seals and opens what rests outside Temporal; `context` binds a sealed value to its place. */
export interface Sealer {
  seal(plain: Uint8Array, context: string): Uint8Array;
  open(sealed: Uint8Array, context: string): Uint8Array;
  /** Id of the key that sealed a value, without opening it; `undefined` for plain text and what is no sealed value. */
  keyIdOf(sealed: Uint8Array): string | undefined;
}

/** The journal could not be read or written. Its message names no secret and no path below its folder. */
export class JournalError extends Error {
  override readonly name = 'JournalError';
}
