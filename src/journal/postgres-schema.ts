import type { ClientBase } from 'pg';
import { JournalError } from './port.js';

/** Each migration brings the schema from the version of its index to the next. A released migration never changes. */
const MIGRATIONS: readonly string[] = [
  `CREATE TABLE evertoken.journal_identity (
    id uuid NOT NULL,
    is_only_row boolean PRIMARY KEY DEFAULT true CHECK (is_only_row)
  );
  INSERT INTO evertoken.journal_identity (id) VALUES (gen_random_uuid());
  CREATE TABLE evertoken.journal (
    namespace text NOT NULL,
    credential_hash bytea NOT NULL,
    sealed bytea NOT NULL,
    revision bigint NOT NULL,
    PRIMARY KEY (namespace, credential_hash)
  )`,
];

// `to_regclass` and `to_regnamespace` will not do: within a transaction they may miss what another one has just committed.
const SCHEMA = `SELECT FROM pg_catalog.pg_namespace WHERE nspname = 'evertoken'`;
const VERSION_TABLE = `
  SELECT FROM pg_catalog.pg_tables
  WHERE schemaname = 'evertoken' AND tablename = 'journal_migration'`;

/** PostgreSQL knows the lock by this number. It can be any, but must stay the same in every release. */
const MIGRATION_LOCK = 4_985_313_607;

/**
 * Makes the schema `evertoken`, or brings it to the version of this build, in one transaction. Workers that start at the
 * same time wait for each other. If nothing is to be done, it needs only the right to read.
 * @throws JournalError when the schema is newer than this build
 */
export async function migrate(client: ClientBase): Promise<void> {
  if ((await versionOf(client)) === MIGRATIONS.length) return;
  await client.query('BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE');
  // The lock belongs to the transaction and not to the session, because a pooler may give every transaction another session.
  await client.query('SELECT pg_advisory_xact_lock($1)', [MIGRATION_LOCK]);
  const version = await versionOf(client);
  if (version === 0) await createVersions(client);
  for (const [index, migration] of MIGRATIONS.slice(version).entries()) {
    await client.query(migration);
    await client.query('INSERT INTO evertoken.journal_migration (version) VALUES ($1)', [
      version + index + 1,
    ]);
  }
  await client.query('COMMIT');
}

/** Whether a journal was made here. */
export async function hasJournal(client: ClientBase): Promise<boolean> {
  return (await versionOf(client)) > 0;
}

/** Version of the schema; 0 if there is none yet. */
async function versionOf(client: ClientBase): Promise<number> {
  if (!(await exists(client, VERSION_TABLE))) return 0;
  const { rows } = await client.query<{ version: number }>(
    'SELECT coalesce(max(version), 0) AS version FROM evertoken.journal_migration',
  );
  const version = rows[0]?.version ?? 0;
  if (version <= MIGRATIONS.length) return version;
  throw new JournalError(
    `journal database was made by a newer evertoken [schema=${version}, known=${MIGRATIONS.length}]`,
  );
}

async function createVersions(client: ClientBase): Promise<void> {
  // `IF NOT EXISTS` would need the right to create schemas even if the schema exists.
  if (!(await exists(client, SCHEMA))) await client.query('CREATE SCHEMA evertoken');
  await client.query(
    `CREATE TABLE evertoken.journal_migration (
      version integer PRIMARY KEY,
      applied_at timestamptz NOT NULL DEFAULT now()
    )`,
  );
}

async function exists(client: ClientBase, selection: string): Promise<boolean> {
  return (await client.query(selection)).rowCount === 1;
}
