import { createHash } from 'node:crypto';
import type { JournalEntry } from '../contract/journal-entry.js';
import type { Sealer } from './port.js';

/** Name under which the entry of a credential rests: SHA-256 in hex, so that it reveals nothing. */
export function entryName(credentialId: string): string {
  return createHash('sha256').update(credentialId).digest('hex');
}

/** An entry as it rests, bound to its credential: one that is copied over another's does not open. */
export function sealEntry(sealer: Sealer, credentialId: string, entry: JournalEntry): Buffer {
  const plain = Buffer.from(JSON.stringify(entry), 'utf8');
  return Buffer.from(sealer.seal(plain, contextOf(credentialId)));
}

/** What `sealEntry` sealed. Throws for anything else; a damaged entry is never taken for an absent one. */
export function openEntry(sealer: Sealer, credentialId: string, sealed: Buffer): JournalEntry {
  const plain = sealer.open(sealed, contextOf(credentialId));
  return JSON.parse(Buffer.from(plain).toString('utf8')) as JournalEntry;
}

function contextOf(credentialId: string): string {
  return `evertoken refresh journal ${credentialId}`;
}
