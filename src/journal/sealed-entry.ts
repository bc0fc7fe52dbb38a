import { createHash } from 'node:crypto';
import type { JournalEntry } from '../contract/journal-entry.js';
import { type EntryPlace, type Sealer, UnopenedEntryError } from './port.js';

/** One credential of one namespace. Two namespaces may share a journal and have the same ids. */
export interface EntryKey {
  readonly namespace: string;
  readonly credentialId: string;
}

/** Name of an entry: SHA-256 in hex, which reveals nothing. A line break separates the two, since neither can hold one. */
export function entryName({ namespace, credentialId }: EntryKey): string {
  return createHash('sha256').update(`${namespace}\n${credentialId}`).digest('hex');
}

/** Seals an entry and binds it to its credential and namespace. Copied over another's entry, it does not open. */
export function sealEntry(sealer: Sealer, key: EntryKey, entry: JournalEntry): Buffer {
  const plain = Buffer.from(JSON.stringify(entry), 'utf8');
  return Buffer.from(sealer.seal(plain, placeOf(key)));
}

/**
 * Opens what `sealEntry` sealed. A damaged entry is never taken for an absent one.
 * @throws UnopenedEntryError for anything else
 */
export function openEntry(sealer: Sealer, key: EntryKey, sealed: Buffer): JournalEntry {
  try {
    const plain = sealer.open(sealed, placeOf(key));
    return JSON.parse(Buffer.from(plain).toString('utf8')) as JournalEntry;
  } catch (error) {
    const { keyId } = error as { readonly keyId?: string };
    throw new UnopenedEntryError(key.credentialId, keyId);
  }
}

function placeOf({ namespace, credentialId }: EntryKey): EntryPlace {
  return { credentialId, context: `evertoken refresh journal\n${namespace}\n${credentialId}` };
}
