import type { ClientBase } from 'pg';
import { defined } from '../contract/defined.js';
import { withJournalErrors } from './journal-errors.js';
import { JOURNAL_DEADLINE_MS, JOURNAL_HEAD_BYTES, JOURNAL_OPEN_DEADLINE_MS } from './numbers.js';
import { JournalError } from './port.js';
import type { RefreshJournal, Sealer } from './port.js';
import { PostgresConnections } from './postgres-connections.js';
import { hasJournal, migrate } from './postgres-schema.js';
import { idLost, requireSameJournal } from './same-journal.js';
import { type EntryKey, entryName, openEntry, sealEntry } from './sealed-entry.js';

/** A row as it was read. Each write gives it another revision. Both fields are null if the credential has no row. */
interface Row {
  readonly journal_id: string;
  readonly sealed: Buffer | null;
  /** A bigint, so a string in JavaScript. */
  readonly revision: string | null;
}

const SELECT = `
  SELECT identity.id AS journal_id, held.sealed, held.revision
  FROM evertoken.journal_identity AS identity
  LEFT JOIN evertoken.journal AS held ON held.namespace = $1 AND held.credential_hash = $2`;
const SELECT_ID = 'SELECT id FROM evertoken.journal_identity';
const SELECT_ALL = `SELECT encode(credential_hash, 'hex') AS name, substring(sealed FROM 1 FOR ${JOURNAL_HEAD_BYTES}) AS head FROM evertoken.journal WHERE namespace = $1 ORDER BY name`;

/**
 * Makes the commit wait for the disk, whatever the settings of the role or the database
 * (https://www.postgresql.org/docs/current/wal-async-commit.html).
 */
const DURABLE =
  "WITH durable AS MATERIALIZED (SELECT set_config('synchronous_commit', 'on', true))";

const REMOVE = `${DURABLE}
  DELETE FROM evertoken.journal USING durable
  WHERE namespace = $1 AND credential_hash = $2
    AND EXISTS (SELECT FROM evertoken.journal_identity WHERE id = $3)`;

/**
 * Each is one statement that writes only into the journal that was opened, and only over what was read: no row, or the row of
 * that revision. So no lock is held while a worker thinks. A statement that is carried out after its worker gave up neither
 * changes what came later nor brings back what was removed. Revisions begin at a random number, so that an entry that was
 * removed and made again never has the revisions that it had before.
 */
const INSERT = `${DURABLE}
  INSERT INTO evertoken.journal (namespace, credential_hash, sealed, revision)
  SELECT $1, $2, $3, floor(random() * 1e15)::bigint
  FROM durable, evertoken.journal_identity AS identity WHERE identity.id = $4
  ON CONFLICT DO NOTHING`;
const UPDATE = `${DURABLE}
  UPDATE evertoken.journal AS held SET sealed = $3, revision = held.revision + 1
  FROM durable, evertoken.journal_identity AS identity
  WHERE held.namespace = $1 AND held.credential_hash = $2 AND identity.id = $4 AND held.revision = $5`;

/**
 * Opens a journal in a PostgreSQL database (13 or later), for the workers of many hosts. It makes or migrates the schema
 * `evertoken`. There is one sealed row per credential and namespace, and neither its key nor its content reveals anything. A
 * call rejects with a `JournalError` if it takes longer than 4 s, or if the database is away. Once the database is back, it is
 * used again.
 * @throws JournalError when the database cannot be used, or its schema is newer than this build
 */
export async function openPostgresJournal(
  url: string,
  namespace: string,
  sealer: Sealer,
): Promise<RefreshJournal> {
  const connections = new PostgresConnections(url);
  const id = await opened(connections);
  const use = <Result>(
    problem: string,
    work: (client: ClientBase) => Promise<Result>,
  ): Promise<Result> =>
    withJournalErrors(problem, () => connections.use(JOURNAL_DEADLINE_MS, work));
  return {
    id,
    read: (credentialId) =>
      use('journal entry cannot be read', async (client) => {
        const key = { namespace, credentialId };
        const { sealed } = await rowOf(client, id, key);
        return sealed === null ? undefined : openEntry(sealer, key, sealed);
      }),
    update: (credentialId, change) =>
      use('journal entry cannot be written', async (client) => {
        const key = { namespace, credentialId };
        for (;;) {
          const { sealed, revision } = await rowOf(client, id, key);
          const held = sealed === null ? undefined : openEntry(sealer, key, sealed);
          const next = change(held);
          if (next === undefined) return held;
          const values = [...keyOf(key), sealEntry(sealer, key, next), id];
          const { rowCount } = await (revision === null
            ? client.query(INSERT, values)
            : client.query(UPDATE, [...values, revision]));
          if (rowCount === 1) return next;
        }
      }),
    remove: (credentialId) =>
      use('journal entry cannot be removed', async (client) => {
        requireSameJournal(id, await idOf(client));
        const values = [...keyOf({ namespace, credentialId }), id];
        const { rowCount } = await client.query(REMOVE, values);
        return rowCount === 1;
      }),
    sealedEntries: () =>
      use('journal cannot be read', async (client) => {
        requireSameJournal(id, await idOf(client));
        const { rows } = await client.query<{ name: string; head: Buffer }>(SELECT_ALL, [
          namespace,
        ]);
        return rows.map(({ name, head }) => {
          const keyId = sealer.keyIdOf(head);
          return { name, ...defined({ keyId }) };
        });
      }),
    check: () =>
      use('journal database cannot be used', async (client) => {
        requireSameJournal(id, await idOf(client));
        await requireWritable(client);
      }),
    close: () => connections.close(),
  };
}

/**
 * Whether a database holds a journal.
 * @throws JournalError when the database cannot be used, or its schema is newer than this build
 */
export async function isPostgresJournalThere(url: string): Promise<boolean> {
  const connections = new PostgresConnections(url);
  try {
    return await withJournalErrors('journal database cannot be opened', () =>
      connections.use(JOURNAL_OPEN_DEADLINE_MS, hasJournal),
    );
  } finally {
    await connections.close();
  }
}

/** Migrates the schema if that is needed, and returns the journal's id. */
async function opened(connections: PostgresConnections): Promise<string> {
  try {
    return await withJournalErrors('journal database cannot be opened', () =>
      connections.use(JOURNAL_OPEN_DEADLINE_MS, async (client) => {
        await migrate(client);
        return idOf(client);
      }),
    );
  } catch (error) {
    await connections.close();
    throw error;
  }
}

async function idOf(client: ClientBase): Promise<string> {
  const { rows } = await client.query<{ id: string }>(SELECT_ID);
  const [row] = rows;
  if (row === undefined) throw idLost();
  return row.id;
}

/** A standby answers questions and takes no journal entries. */
async function requireWritable(client: ClientBase): Promise<void> {
  const { rows } = await client.query<{ transaction_read_only: string }>(
    'SHOW transaction_read_only',
  );
  if (rows[0]?.transaction_read_only === 'off') return;
  throw new JournalError('journal database takes no entries: it is read-only');
}

function keyOf(key: EntryKey): [string, Buffer] {
  return [key.namespace, Buffer.from(entryName(key), 'hex')];
}

async function rowOf(client: ClientBase, journalId: string, key: EntryKey): Promise<Row> {
  const { rows } = await client.query<Row>(SELECT, [...keyOf(key)]);
  const [row] = rows;
  if (row === undefined) throw idLost();
  requireSameJournal(journalId, row.journal_id);
  return row;
}
