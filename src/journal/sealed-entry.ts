import { createHash } from 'node:crypto';
import type { JournalEntry } from '../contract/journal-entry.js';
import type { Sealer } from './port.js';

/** One credential of one namespace: two namespaces may share a journal, and ids with it. */
export interface EntryKey {
  readonly namespace: string;
  readonly credentialId: string;
}

/** Name under which an entry rests: SHA-256 in hex, so that it reveals nothing. No namespace or id holds a line break. */
export function entryName({ namespace, credentialId }: EntryKey): string {
  return createHash('sha256').update(`${namespace}\n${credentialId}`).digest('hex');
}

/** An entry as it rests, bound to its credential and namespace: one that is copied over another's does not open. */
export function sealEntry(sealer: Sealer, key: EntryKey, entry: JournalEntry): Buffer {
  const plain = Buffer.from(JSON.stringify(entry), 'utf8');
  return Buffer.from(sealer.seal(plain, contextOf(key)));
}

/** What `sealEntry` sealed. Throws for anything else; a damaged entry is never taken for an absent one. */
export function openEntry(sealer: Sealer, key: EntryKey, sealed: Buffer): JournalEntry {
  const plain = sealer.open(sealed, contextOf(key));
  return JSON.parse(Buffer.from(plain).toString('utf8')) as JournalEntry;
}

function contextOf({ namespace, credentialId }: EntryKey): string {
  return `evertoken refresh journal ${namespace} ${credentialId}`;
}
