import type { JournalEntry } from '../contract/journal-entry.js';

/** Says what becomes of the entry that is there; `undefined` leaves it as it is. Pure, since it may run more than once. */
export type JournalChange = (held: JournalEntry | undefined) => JournalEntry | undefined;

/** An entry at rest. */
export interface SealedEntry {
  readonly name: string;
  /** Absent if the entry is not sealed, or is damaged. */
  readonly keyId?: string;
}

/**
 * The record of what was sent and what came back, with one entry per credential. Each method may reject, and only with a
 * `JournalError`; `close` never does.
 */
export interface RefreshJournal {
  /** A random id from when the journal was made. A keeper that knows another id lets nothing be sent. */
  readonly id: string;
  read(credentialId: string): Promise<JournalEntry | undefined>;
  /**
   * Replaces the whole entry by what `change` makes of it, in one step: no other update of this journal comes in
   * between. Resolves with the entry that is there then, once it is durable. Until then the old one stays readable.
   */
  update(credentialId: string, change: JournalChange): Promise<JournalEntry | undefined>;
  /** Removes an entry, with all that it keeps of earlier logins. Resolves with whether there was one. */
  remove(credentialId: string): Promise<boolean>;
  /** Names and sealing keys of all entries. The name of an entry is the `entryName` of its namespace and credential. */
  sealedEntries(): Promise<readonly SealedEntry[]>;
  /** Rejects while the journal cannot be used, or takes no entries. */
  check(): Promise<void>;
  /** Lets go of what the journal holds open. Call nothing after it. */
  close(): Promise<void>;
}

/** Where a sealed value belongs. A value that was moved to another place does not open. */
export interface EntryPlace {
  readonly credentialId: string;
  readonly context: string;
}

/** Seals and opens what rests outside Temporal. */
export interface Sealer {
  seal(plain: Uint8Array, place: EntryPlace): Uint8Array;
  open(sealed: Uint8Array, place: EntryPlace): Uint8Array;
  /** Id of the key that sealed a value, read without opening it; `undefined` for plain text and anything that is not sealed. */
  keyIdOf(sealed: Uint8Array): string | undefined;
}

/** The journal could not be read or written. Its message names no secret and no path below its folder. */
export class JournalError extends Error {
  override readonly name = 'JournalError';
}

/** An entry is there but does not open. It was sealed with a key that this worker lacks, or is damaged. */
export class UnopenedEntryError extends JournalError {
  /** The key that sealed it, if that is known and fit to be shown. */
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
