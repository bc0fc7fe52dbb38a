import { randomUUID } from 'node:crypto';
import type { DatabaseSyncInstance } from '@photostructure/sqlite';
import { JournalError } from './port.js';

/**
 * Each migration brings the schema from the version of its index to the next. A released migration never changes. Names are
 * hashes and contents are sealed, so the file reveals neither credentials nor namespaces.
 */
const MIGRATIONS: readonly ((database: DatabaseSyncInstance) => void)[] = [
  (database) => {
    database.exec(`
      CREATE TABLE journal_identity (
        id TEXT NOT NULL,
        is_only_row INTEGER PRIMARY KEY DEFAULT 1 CHECK (is_only_row = 1)
      ) STRICT;
      CREATE TABLE journal (
        name BLOB NOT NULL PRIMARY KEY,
        sealed BLOB NOT NULL
      ) STRICT`);
    database.prepare('INSERT INTO journal_identity (id) VALUES (?)').run(randomUUID());
  },
];

/**
 * Makes the tables, or brings them to the version of this build, in one transaction. Workers that start at the same time
 * find the lock taken, and try again.
 * @throws JournalError when the schema is newer than this build, or SQLite's error
 */
export function migrate(database: DatabaseSyncInstance): void {
  if (versionOf(database) === MIGRATIONS.length) return;
  database.exec('BEGIN IMMEDIATE');
  try {
    for (const migration of MIGRATIONS.slice(versionOf(database))) migration(database);
    database.exec(`PRAGMA user_version = ${MIGRATIONS.length}`);
    database.exec('COMMIT');
  } catch (error) {
    rollBack(database);
    throw error;
  }
}

/** Ends a transaction that failed, unless SQLite has already done so. */
export function rollBack(database: DatabaseSyncInstance): void {
  if (database.isTransaction) database.exec('ROLLBACK');
}

/**
 * Version of the schema in the file; 0 if the file is empty.
 * @throws JournalError when it is newer than this build
 */
export function versionOf(database: DatabaseSyncInstance): number {
  const { user_version: version } = database.prepare('PRAGMA user_version').get() as {
    user_version: number;
  };
  if (version <= MIGRATIONS.length) return version;
  throw new JournalError(
    `journal database was made by a newer evertoken [schema=${version}, known=${MIGRATIONS.length}]`,
  );
}
