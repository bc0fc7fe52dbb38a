import type { JournalEntry } from '../contract/journal-entry.js';

/** What becomes of the entry that is there; `undefined` leaves it as it is. Pure, since it may run more than once. */
export type JournalChange = (held: JournalEntry | undefined) => JournalEntry | undefined;

/**
 * The record of what was sent and what came back: one entry per credential. Every method but `close` may reject with
 * a `JournalError`, and with nothing else.
 */
export interface RefreshJournal {
  read(credentialId: string): Promise<JournalEntry | undefined>;
  /**
   * Replaces the entry whole by what `change` makes of it, in one step: no other update of this journal comes in
   * between. Resolves with the entry that then stands, once that is durable; until then the old one stays readable.
   */
  update(credentialId: string, change: JournalChange): Promise<JournalEntry | undefined>;
  /** Lets go of what the journal holds open; nothing is called after it. */
  close(): Promise<void>;
}

/** Seals and opens what rests outside Temporal; `context` binds a sealed value to its place. */
export interface Sealer {
  seal(plain: Uint8Array, context: string): Uint8Array;
  open(sealed: Uint8Array, context: string): Uint8Array;
}

/** The journal could not be read or written. Its message names no secret and no path below its folder. */
export class JournalError extends Error {
  override readonly name = 'JournalError';
}
