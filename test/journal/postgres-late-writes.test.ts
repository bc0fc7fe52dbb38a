import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import type { RefreshJournal } from '../../src/journal/port.js';
import { openPostgresJournal } from '../../src/journal/postgres-journal.js';
import { entryOf, errorOf, newSealer, put } from '../support/journal-conformance.js';
import { OpenedJournals } from '../support/opened-journals.js';
import { PostgresServer } from '../support/postgres-server.js';
import { shared } from '../support/shared-resources.js';
import { TestDatabase } from '../support/test-database.js';

const ID = 'acme/late';
const sealer = newSealer();
let server: PostgresServer;
let database: TestDatabase;
const opened = new OpenedJournals();

beforeAll(async () => {
  server = await PostgresServer.create(await shared('postgresInstallation'));
  database = await TestDatabase.create(server.url);
});
afterAll(() => server.remove());
afterEach(() => opened.close());

function open(): Promise<RefreshJournal> {
  return opened.add(openPostgresJournal(database.url, 'default', sealer));
}

/** A write over generation 1 waits for a lock, and is carried out when its worker has long given up, after these statements. */
async function writtenLate(...meanwhile: readonly string[]): Promise<void> {
  const slow = await open();
  await put(slow, ID, entryOf(1));
  await database.asAdministrator(async (client) => {
    await client.query('BEGIN');
    await client.query('SELECT FROM evertoken.journal FOR UPDATE');
    const error = await errorOf(put(slow, ID, entryOf(2)));
    expect(String(error)).toContain('journal entry cannot be written [cause=ETIMEDOUT]');
    for (const statement of meanwhile) await client.query(statement);
    await client.query('COMMIT');
  });
  await vi.waitUntil(async () => {
    const waiting = await database.query(
      `SELECT 1 FROM pg_stat_activity WHERE usename = $1 AND query LIKE '%UPDATE%' AND state = 'active'`,
      [database.role],
    );
    return waiting.length === 0;
  });
}

describe('a write to PostgreSQL that was given up, and is carried out later', () => {
  it('changes nothing that was written meanwhile', async () => {
    await writtenLate('UPDATE evertoken.journal SET revision = revision + 1');
    expect(await (await open()).read(ID)).toEqual(entryOf(1));
  });

  it('brings nothing back that was forgotten meanwhile', async () => {
    await writtenLate('DELETE FROM evertoken.journal');
    expect(await (await open()).read(ID)).toBeUndefined();
  });
});

describe('an entry in PostgreSQL that was forgotten and made again', () => {
  it('is another one for a write that was made over the first', async () => {
    const [journal, other] = [await open(), await open()];
    await put(journal, ID, entryOf(1));
    const revision = async (): Promise<unknown> =>
      (await database.query('SELECT revision FROM evertoken.journal'))[0];
    const first = await revision();
    await other.remove(ID);
    await put(other, ID, entryOf(7));
    expect(await revision()).not.toEqual(first);
  });
});
