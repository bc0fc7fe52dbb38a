import { randomBytes } from 'node:crypto';
import { defined } from '../contract/defined.js';
import type { JournalEntry } from '../contract/journal-entry.js';
import { GroupCommit } from './group-commit.js';
import { JOURNAL_HEAD_BYTES, JOURNAL_PROBE_BYTES } from './numbers.js';
import type { RefreshJournal, SealedEntry, Sealer } from './port.js';
import { idLost, requireSameJournal } from './same-journal.js';
import { type EntryKey, entryName, openEntry, sealEntry } from './sealed-entry.js';
import { SqliteConnection } from './sqlite-connection.js';
import { withSqliteFailures } from './sqlite-failure.js';

/** An entry as SQLite returns it. */
interface HeldRow {
  readonly journalId: string;
  /** Null if the credential has no entry. */
  readonly sealed: Uint8Array | null;
}

/** The same when all entries are read. */
interface Row {
  readonly name: Uint8Array;
  readonly sealed: Uint8Array;
}

const SELECT = `
  SELECT journal_identity.id AS journalId, journal.sealed
  FROM journal_identity LEFT JOIN journal ON journal.name = ?`;

/** So much of a sealed entry is enough to tell its key. */
const NEXT_HEAD = `SELECT name, substr(sealed, 1, ${JOURNAL_HEAD_BYTES}) AS sealed FROM journal WHERE name > ? ORDER BY name LIMIT 1`;
const REPLACE =
  'INSERT INTO journal (name, sealed) VALUES (?, ?) ON CONFLICT DO UPDATE SET sealed = excluded.sealed';

/**
 * Opens the journal in a folder of this host: a SQLite database, which is made if it is missing. Any number of processes of
 * this host may use it. There is one sealed row per credential and namespace. A hash names it, so neither name nor content
 * reveals anything. An update counts once its commit is flushed to the disk; simultaneous updates share a flush. A call that
 * waits longer than 4 s for another process rejects with a `JournalError`.
 * @throws JournalError when the folder or its database cannot be used, is on a network file system, or is newer than
 *   this build
 */
export async function openSqliteJournal(
  folder: string,
  namespace: string,
  sealer: Sealer,
): Promise<RefreshJournal> {
  const { connection, id } = await withSqliteFailures('journal database cannot be opened', () =>
    opened(folder),
  );
  const { database } = connection;
  const select = database.prepare(SELECT);
  const nextHead = database.prepare(NEXT_HEAD);
  const replace = database.prepare(REPLACE);
  const remove = database.prepare('DELETE FROM journal WHERE name = ?');
  const commits = new GroupCommit(connection);

  const held = (key: EntryKey): JournalEntry | undefined => {
    const row = select.get(nameOf(key)) as HeldRow | undefined;
    if (row === undefined) throw idLost();
    requireSameJournal(id, row.journalId);
    return row.sealed === null ? undefined : openEntry(sealer, key, Buffer.from(row.sealed));
  };
  return {
    id,
    read: (credentialId) =>
      withSqliteFailures('journal entry cannot be read', () =>
        connection.read(() => held({ namespace, credentialId })),
      ),
    update: (credentialId, change) =>
      withSqliteFailures('journal entry cannot be written', () =>
        commits.run(() => {
          const key = { namespace, credentialId };
          const before = held(key);
          const next = change(before);
          if (next === undefined) return before;
          replace.run(nameOf(key), sealEntry(sealer, key, next));
          return next;
        }),
      ),
    remove: (credentialId) =>
      withSqliteFailures('journal entry cannot be removed', async () => {
        const { changes } = await commits.run(() => {
          requireSameJournal(id, idOf(connection));
          return remove.run(nameOf({ namespace, credentialId }));
        });
        // Otherwise the log would keep the removed entry until something overwrites it.
        connection.checkpoint();
        return changes > 0;
      }),
    sealedEntries: () =>
      withSqliteFailures('journal cannot be read', () =>
        connection.read(() => {
          requireSameJournal(id, idOf(connection));
          const entries: SealedEntry[] = [];
          let name: Uint8Array = Buffer.alloc(0);
          for (;;) {
            const row = nextHead.get(name) as Row | undefined;
            if (row === undefined) return entries;
            name = row.name;
            const keyId = sealer.keyIdOf(row.sealed);
            entries.push({
              name: Buffer.from(name).toString('hex'),
              ...defined({ keyId }),
            });
          }
        }),
      ),
    check: () =>
      withSqliteFailures('journal database cannot be used', () =>
        commits.run(() => {
          requireSameJournal(id, idOf(connection));
          // Only a write shows that the disk is full, or has become read-only.
          const probe = randomBytes(JOURNAL_PROBE_BYTES);
          replace.run(probe, probe);
          remove.run(probe);
        }),
      ),
    close: async () => {
      await commits.finished();
      connection.close();
    },
  };
}

async function opened(folder: string): Promise<{ connection: SqliteConnection; id: string }> {
  const connection = await SqliteConnection.open(folder);
  try {
    return { connection, id: await connection.read(() => idOf(connection)) };
  } catch (error) {
    connection.close();
    throw error;
  }
}

function idOf({ database }: SqliteConnection): string {
  const row = database.prepare('SELECT id FROM journal_identity').get() as
    { id: string } | undefined;
  if (row === undefined) throw idLost();
  return row.id;
}

function nameOf(key: EntryKey): Buffer {
  return Buffer.from(entryName(key), 'hex');
}
