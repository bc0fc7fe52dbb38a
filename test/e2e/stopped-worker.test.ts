import { join } from 'node:path';
import { DatabaseSync } from '@photostructure/sqlite';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { createSealer } from '../../src/encryption/sealer.js';
import { openJournal } from '../../src/journal/open-journal.js';
import { KeptCredentials, youngToken } from '../support/kept-credential.js';

let credentials: KeptCredentials;
beforeAll(async () => {
  credentials = await KeptCredentials.open();
});
afterAll(() => credentials.close());

/** Changes the journal of the workers behind their back. */
function changeJournal(sql: string): void {
  const database = new DatabaseSync(join(credentials.stack.folder, 'journal', 'journal.sqlite'));
  try {
    database.exec(sql);
  } finally {
    database.close();
  }
}

async function journaledGeneration(id: string): Promise<number | undefined> {
  const { config, namespace } = credentials.stack;
  const sealer = createSealer(config.encryption);
  const journal = await openJournal(config.journal, namespace.namespace, sealer);
  const entry = await journal.read(id);
  await journal.close();
  return entry?.answer?.generation;
}

it('a worker that is stopped writes the answer that its journal has not taken, and closes the journal only then', async () => {
  const { stack } = credentials;
  const kept = await credentials.start({ token: youngToken() });
  let stopped: Promise<void> | undefined;
  kept.standIn.answerNext((faithful) => {
    changeJournal(
      `CREATE TRIGGER full BEFORE INSERT ON journal BEGIN SELECT RAISE(ABORT, 'full'); END`,
    );
    stopped = stack.stopWorkers();
    return faithful();
  });
  await kept.force();
  await vi.waitUntil(() => stack.logLines.some((line) => line.includes('could not be journaled')), {
    timeout: 60_000,
    interval: 1,
  });
  changeJournal('DROP TRIGGER full');
  await stopped;
  expect(await journaledGeneration(kept.spec.id)).toBe(1);
});
