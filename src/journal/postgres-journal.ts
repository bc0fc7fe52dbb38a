import type { ClientBase } from 'pg';
import { JOURNAL_DEADLINE_MS, JOURNAL_OPEN_DEADLINE_MS } from '../policy/numbers.js';
import { guarded } from './guarded.js';
import type { RefreshJournal, Sealer } from './port.js';
import { PostgresConnections } from './postgres-connections.js';
import { migrate } from './postgres-schema.js';
import { entryName, openEntry, sealEntry } from './sealed-entry.js';

/** A row as it was read; each write gives it another revision. */
interface Row {
  readonly sealed: Buffer;
  /** A bigint, so a string in JavaScript. */
  readonly revision: string;
}

const SELECT = 'SELECT sealed, revision FROM evertoken.journal WHERE credential_hash = $1';

/**
 * Writes only over the revision that was read, in one statement: no lock is held while a worker thinks, and a statement
 * that is carried out after its worker gave up changes nothing that came after. The commit waits for the disk, whatever
 * the role or the database is set to (https://www.postgresql.org/docs/current/wal-async-commit.html).
 */
const REPLACE = `
  WITH durable AS MATERIALIZED (SELECT set_config('synchronous_commit', 'on', true))
  INSERT INTO evertoken.journal AS held (credential_hash, sealed, revision)
  SELECT $1, $2, 1 FROM durable
  ON CONFLICT (credential_hash) DO UPDATE
    SET sealed = excluded.sealed, revision = held.revision + 1
    WHERE held.revision = $3`;

/**
 * Opens a journal in a PostgreSQL database (13 or later), for the workers of many hosts. Makes or migrates its schema,
 * `evertoken`. One row per credential, sealed; neither key nor content reveals anything. A call that takes longer
 * than 4 s is a `JournalError`, and so is a database that is away; it is used again once it is back.
 * @throws JournalError when the database cannot be used, or its schema is newer than this build
 */
export async function openPostgresJournal(url: string, sealer: Sealer): Promise<RefreshJournal> {
  const connections = new PostgresConnections(url);
  try {
    await guarded('journal database cannot be opened', () =>
      connections.use(JOURNAL_OPEN_DEADLINE_MS, migrate),
    );
  } catch (error) {
    await connections.close();
    throw error;
  }
  return {
    read: (credentialId) =>
      guarded('journal entry cannot be read', async () => {
        const row = await connections.use(JOURNAL_DEADLINE_MS, (client) =>
          rowOf(client, keyOf(credentialId)),
        );
        return row && openEntry(sealer, credentialId, row.sealed);
      }),
    update: (credentialId, change) =>
      guarded('journal entry cannot be written', () =>
        connections.use(JOURNAL_DEADLINE_MS, async (client) => {
          const key = keyOf(credentialId);
          for (;;) {
            const row = await rowOf(client, key);
            const held = row && openEntry(sealer, credentialId, row.sealed);
            const next = change(held);
            if (next === undefined) return held;
            const values = [key, sealEntry(sealer, credentialId, next), row?.revision ?? '0'];
            if ((await client.query(REPLACE, values)).rowCount === 1) return next;
          }
        }),
      ),
    close: () => connections.close(),
  };
}

function keyOf(credentialId: string): Buffer {
  return Buffer.from(entryName(credentialId), 'hex');
}

async function rowOf(client: ClientBase, key: Buffer): Promise<Row | undefined> {
  return (await client.query<Row>(SELECT, [key])).rows[0];
}
