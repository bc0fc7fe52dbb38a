import type { JournalEntry } from '../contract/journal-entry.js';

/**
 * The record of what was sent and what came back: one entry per credential. Writing resolves only when the
 * entry is durable. Every method may reject with a `JournalError`, and with nothing else.
 */
export interface RefreshJournal {
  read(credentialId: string): Promise<JournalEntry | undefined>;
  /** Replaces the entry whole; the old one stays readable until the new one is durable. */
  write(credentialId: string, entry: JournalEntry): Promise<void>;
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
