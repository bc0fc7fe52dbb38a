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

/** Where a sealed value belongs; one that is moved to another place does not open. */
export interface EntryPlace {
  readonly credentialId: string;
  readonly context: string;
}

/** Seals and opens what rests outside Temporal. */
export interface Sealer {
  /** Absent where plain text is written. */
  readonly sealingKeyId: string | undefined;
  seal(plain: Uint8Array, place: EntryPlace): Uint8Array;
  open(sealed: Uint8Array, place: EntryPlace): Uint8Array;
  /** Id of the key that sealed a value, without opening it; `undefined` for plain text and what is no sealed value. */
  keyIdOf(sealed: Uint8Array): string | undefined;
}

/** The journal could not be read or written. Its message names no secret and no path below its folder. */
export class JournalError extends Error {
  override readonly name = 'JournalError';
}

/** An entry that is there and does not open: it was sealed with a key that this worker lacks, or is damaged. */
export class UnopenedEntryError extends JournalError {
  /** Key that sealed it, where that is known and fit to be shown. */
  readonly keyId?: string;

  constructor(credentialId: string, keyId: string | undefined) {
    const facts = [
      `credentialId=${credentialId}`,
      ...(keyId === undefined ? [] : [`keyId=${keyId}`]),
    ];
    super(
      `journal entry does not open with the keys that are set [${facts.join(', ')}]; ` +
        'evertoken keys usage shows what is missing',
    );
    if (keyId !== undefined) this.keyId = keyId;
  }
}
