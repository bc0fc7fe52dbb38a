import { existsSync, readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { JournalEntry } from '../../src/contract/journal-entry.js';
import { KeyRing } from '../../src/encryption/key-ring.js';
import { createSealer } from '../../src/encryption/sealer.js';
import type { RefreshJournal } from '../../src/journal/port.js';
import { openSqliteJournal } from '../../src/journal/sqlite-journal.js';
import { abitmediaTokens, answerOf, RefreshRig } from './refresh-rig.js';

const DIRECTORY = new URL('../upgrade/journals/', import.meta.url);

/** A key that keeps nothing secret: all that is recorded is made up. */
const keyRing = KeyRing.parse(`recorded:${Buffer.alloc(32, 7).toString('base64')}`);

/** What versions left in their journals, by the credential that it is of. */
const ENTRIES = {
  'recorded/answered': async (rig: RefreshRig) => {
    rig.answer = () => abitmediaTokens(6);
    await rig.attempt();
    return rig.journal.writes.at(-1);
  },
  'recorded/lost': async (rig: RefreshRig) => {
    rig.answer = () => abitmediaTokens(6);
    await rig.attempt();
    return rig.journal.writes[0];
  },
  'recorded/held-back': async (rig: RefreshRig) => {
    rig.answer = () => answerOf(503, 'closed', { 'retry-after': '1800' });
    await rig.failure();
    return rig.journal.writes.at(-1);
  },
  'recorded/unconfirmed': async (rig: RefreshRig) => {
    rig.answer = () => answerOf(404, 'no such page');
    await rig.failure();
    return rig.journal.writes.at(-1);
  },
} as const;

export type RecordedCredential = keyof typeof ENTRIES;

/** Versions whose journal was recorded. */
export function recordedJournals(): readonly string[] {
  return existsSync(DIRECTORY) ? readdirSync(DIRECTORY) : [];
}

/** The journal of a version, opened by the code as it is. */
export function openRecordedJournal(version: string): Promise<RefreshJournal> {
  const sealer = createSealer({ keyRing, allowPlaintext: false });
  return openSqliteJournal(fileURLToPath(new URL(version, DIRECTORY)), 'recorded', sealer);
}

/** Records what attempts of this version leave in the journal. */
export async function recordJournal(version: string): Promise<void> {
  const journal = await openRecordedJournal(version);
  for (const [credentialId, make] of Object.entries(ENTRIES)) {
    const entry: JournalEntry | undefined = await make(new RefreshRig());
    if (entry === undefined) throw new Error(`nothing was journaled [${credentialId}]`);
    await journal.update(credentialId, () => entry);
  }
  await journal.close();
}
