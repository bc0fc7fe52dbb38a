import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { JournalError, type RefreshJournal } from '../../src/journal/port.js';
import { openPostgresJournal } from '../../src/journal/postgres-journal.js';
import { JOURNAL_DEADLINE_MS } from '../../src/journal/numbers.js';
import { IN_DOUBT_GRACE_MS } from '../../src/policy/attempt-numbers.js';
import { HoldingProxy } from '../support/holding-proxy.js';
import {
  entryOf,
  errorOf,
  journalConformance,
  MARKER,
  newSealer,
  put,
} from '../support/journal-conformance.js';
import { OpenedJournals } from '../support/opened-journals.js';
import { PostgresServer } from '../support/postgres-server.js';
import { shared } from '../support/shared-resources.js';
import { TestDatabase } from '../support/test-database.js';

interface Resting {
  readonly name: string;
  readonly sealed: Buffer;
}

const sealer = newSealer();
let server: PostgresServer;
let database: TestDatabase;
const opened = new OpenedJournals();

beforeAll(async () => {
  server = await PostgresServer.create(await shared('postgresInstallation'));
  database = await TestDatabase.create(server.url);
});
afterAll(() => server.remove());

function open(url = database.url): Promise<RefreshJournal> {
  return opened.add(openPostgresJournal(url, 'default', sealer));
}

async function refusal(url = database.url): Promise<string> {
  const error = await errorOf(open(url));
  expect(error).toBeInstanceOf(JournalError);
  expectNoSecret(error);
  return String(error);
}

function expectNoSecret(error: unknown): void {
  const { stack = '', cause } = error as Error;
  expect(cause).toBeUndefined();
  for (const text of [database.password, database.role, '127.0.0.1', 'postgres:', MARKER]) {
    expect(stack).not.toContain(text);
  }
}

journalConformance('PostgreSQL', {
  open: (by, namespace = 'default') => openPostgresJournal(database.url, namespace, by),
  atRest: async () => {
    const rows = await database.query<Resting>(
      `SELECT encode(credential_hash, 'hex') AS name, sealed FROM evertoken.journal`,
    );
    return new Map(rows.map(({ name, sealed }) => [name, sealed]));
  },
  overwrite: async (name, sealed) => {
    await database.query(
      `UPDATE evertoken.journal SET sealed = $2 WHERE credential_hash = decode($1, 'hex')`,
      [name, sealed],
    );
  },
  becomeAnother: async (id) => {
    await database.query('UPDATE evertoken.journal_identity SET id = $1', [id]);
  },
});

describe('the schema of a journal in PostgreSQL', () => {
  inDatabaseOfItsOwn();

  it('is made once when many workers start at the same time', async () => {
    const journals = await Promise.all(Array.from({ length: 6 }, () => open()));
    await Promise.all(journals.map((journal, index) => put(journal, `many/${index}`, entryOf(1))));
    expect(await database.query('SELECT version FROM evertoken.journal_migration')).toEqual([
      { version: 1 },
    ]);
  });

  it('needs no right to change it once it is there', async () => {
    await put(await open(), 'acme/one', entryOf(1));
    await database.query(`ALTER SCHEMA evertoken OWNER TO CURRENT_USER`);
    await database.query(`ALTER TABLE evertoken.journal OWNER TO CURRENT_USER`);
    await database.query(`ALTER TABLE evertoken.journal_migration OWNER TO CURRENT_USER`);
    await database.query(`GRANT USAGE ON SCHEMA evertoken TO ${database.role}`);
    await database.query(`GRANT SELECT ON evertoken.journal_migration TO ${database.role}`);
    await database.query(`GRANT SELECT, INSERT, UPDATE ON evertoken.journal TO ${database.role}`);
    const journal = await open();
    await put(journal, 'acme/one', entryOf(2));
    await put(journal, 'acme/two', entryOf(2));
    expect(await journal.read('acme/one')).toEqual(entryOf(2));
  });

  it('is made in a schema that an administrator has made for it', async () => {
    await database.query(`ALTER DATABASE ${database.role} OWNER TO CURRENT_USER`);
    expect(await refusal()).toContain('[cause=42501]');
    await database.query(`CREATE SCHEMA evertoken AUTHORIZATION ${database.role}`);
    await put(await open(), 'acme/one', entryOf(1));
  });

  it('is refused when a newer evertoken made it, and the error says so', async () => {
    await open();
    await database.query('INSERT INTO evertoken.journal_migration (version) VALUES (7)');
    expect(await refusal()).toContain('made by a newer evertoken [schema=7, known=1]');
  });
});

describe('a journal in PostgreSQL', () => {
  inDatabaseOfItsOwn();

  it('lets no update of another worker come between what a change sees and what it writes', async () => {
    const journals = await Promise.all([open(), open(), open()]);
    const increments = journals.flatMap((journal) =>
      Array.from({ length: 8 }, () =>
        journal.update('busy', (held) => entryOf((held?.answer?.generation ?? 0) + 1)),
      ),
    );
    await Promise.all(increments);
    expect(await journals[0].read('busy')).toEqual(entryOf(increments.length));
  });

  it('is durable before a write counts, although the role and the database say otherwise', async () => {
    await open();
    await database.query(`ALTER ROLE ${database.role} SET synchronous_commit = off`);
    // What a row was committed with shows only while it is being written.
    await database.query(`CREATE TABLE public.seen (setting text)`);
    await database.query(`GRANT INSERT ON public.seen TO ${database.role}`);
    await database.query(
      `CREATE FUNCTION public.note() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
         INSERT INTO public.seen VALUES (current_setting('synchronous_commit')); RETURN NULL; END $$`,
    );
    await database.query(
      `CREATE CONSTRAINT TRIGGER note AFTER INSERT OR UPDATE OR DELETE ON evertoken.journal
         INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION public.note()`,
    );
    const journal = await open();
    await put(journal, 'acme/durable', entryOf(1));
    await put(journal, 'acme/durable', entryOf(2));
    await journal.remove('acme/durable');
    expect(await database.query('SELECT setting FROM public.seen')).toEqual([
      { setting: 'on' },
      { setting: 'on' },
      { setting: 'on' },
    ]);
  });

  it('is used again, with all that it holds, after the database was away', async () => {
    const journal = await open();
    await put(journal, 'acme/kept', entryOf(1));
    await server.stop();
    try {
      const read = await errorOf(journal.read('acme/kept'));
      expect(String(read)).toContain('journal entry cannot be read [cause=ECONNREFUSED]');
      expectNoSecret(read);
      const write = await errorOf(put(journal, 'acme/kept', entryOf(2)));
      expect(String(write)).toContain('journal entry cannot be written [cause=ECONNREFUSED]');
      expectNoSecret(write);
      expect(await refusal()).toContain('cannot be opened [cause=ECONNREFUSED]');
    } finally {
      await server.start();
    }
    expect(await journal.read('acme/kept')).toEqual(entryOf(1));
    await put(journal, 'acme/kept', entryOf(3));
    expect(await journal.read('acme/kept')).toEqual(entryOf(3));
  });

  it('gives a database up that does not answer, before an intent would be too slow', async () => {
    const address = new URL(database.url);
    const proxy = await HoldingProxy.open(address.host);
    address.host = proxy.address;
    const journal = await open(address.href);
    await put(journal, 'acme/held', entryOf(1));
    proxy.hold();
    const calls = [journal.read('acme/held'), put(journal, 'acme/held', entryOf(2))];
    for (const error of await Promise.all(calls.map(errorOf))) {
      expect(error).toBeInstanceOf(JournalError);
      expect(String(error)).toContain('[cause=ETIMEDOUT]');
    }
    expect(JOURNAL_DEADLINE_MS).toBeLessThan(IN_DOUBT_GRACE_MS);
    await proxy.close();
  });

  it('names the cause where its role may not write', async () => {
    const journal = await open();
    await database.query(`REVOKE INSERT, UPDATE ON evertoken.journal FROM ${database.role}`);
    const error = await errorOf(put(journal, 'acme/refused', entryOf(1)));
    expect(String(error)).toContain('journal entry cannot be written [cause=42501]');
    expectNoSecret(error);
  });

  it('cannot be used on a database that takes no writes, such as a standby', async () => {
    await open();
    await database.query(`ALTER ROLE ${database.role} SET default_transaction_read_only = on`);
    try {
      const journal = await open();
      await expect(journal.check()).rejects.toThrow('it is read-only');
    } finally {
      await database.query(`ALTER ROLE ${database.role} RESET default_transaction_read_only`);
    }
  });

  it('leaves no secret in any file of the database', async () => {
    const journal = await open();
    await put(journal, 'acme/secretive', entryOf(1));
    await put(journal, 'acme/secretive', entryOf(2));
    await database.query('CREATE TABLE public.control AS SELECT $1::text AS found', ['CONTROL']);
    await server.stop();
    try {
      const content = await server.contentAtRest();
      expect(content.includes('CONTROL')).toBe(true);
      expect(content.includes(MARKER)).toBe(false);
      expect(content.includes('acme/secretive')).toBe(false);
    } finally {
      await server.start();
    }
  });
});

/** Each test of the suite begins without a schema. */
function inDatabaseOfItsOwn(): void {
  beforeEach(async () => {
    database = await TestDatabase.create(server.url);
  });
  afterEach(async () => {
    await opened.close();
    await database.drop();
  });
}
