// A process of its own that updates the journal of a folder, as the built command would. Its arguments: folder of the
// built code, folder of the journal, sealing keys, credential, number of updates, and the milliseconds after each. It prints each generation once that
// is durable, and exits with 3 where the journal refuses one.
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';

const [built = '', folder, keys, credentialId, updates, pauseMs] = process.argv.slice(2);
/** @param {string} module */
const load = (module) => import(pathToFileURL(join(built, module)).href);
const { KeyRing } = await load('encryption/key-ring.js');
const { createSealer } = await load('encryption/sealer.js');
const { openSqliteJournal } = await load('journal/sqlite-journal.js');

const sealer = createSealer({ keyRing: KeyRing.parse(keys), allowPlaintext: false });
const journal = await openSqliteJournal(folder, 'default', sealer);
console.log('open');
try {
  for (let count = 0; count < Number(updates); count += 1) {
    /** @param {{ generation: number } | undefined} held */
    const next = (held) => ({ credentialId, generation: (held?.generation ?? 0) + 1 });
    const entry = await journal.update(credentialId, next);
    console.log(entry.generation);
    if (Number(pauseMs) > 0) await delay(Number(pauseMs));
  }
} catch (error) {
  if (!(error instanceof Error) || error.name !== 'JournalError') throw error;
  process.exitCode = 3;
}
await journal.close();
