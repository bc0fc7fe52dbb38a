import { setTimeout as delay } from 'node:timers/promises';
import { DatabaseSync, type DatabaseSyncInstance } from '@photostructure/sqlite';
import { prepareFolder } from './journal-folder.js';
import {
  JOURNAL_BUSY_POLL_MAX_MS,
  JOURNAL_DEADLINE_MS,
  JOURNAL_OPEN_DEADLINE_MS,
} from './numbers.js';
import { JournalFiles } from './journal-files.js';
import { JournalError } from './port.js';
import { damaged, isBusy, isSqliteError } from './sqlite-failure.js';
import { migrate, rollBack, versionOf } from './sqlite-schema.js';

/**
 * A commit is on the disk before it counts. `fullfsync` ensures that on systems whose flush stops at the drive's cache.
 * Deleted content is overwritten.
 */
const SETTINGS = `
  PRAGMA synchronous = FULL;
  PRAGMA fullfsync = ON;
  PRAGMA checkpoint_fullfsync = ON;
  PRAGMA secure_delete = ON;
  PRAGMA cell_size_check = ON;
  PRAGMA trusted_schema = OFF`;

/**
 * One connection to the database of a journal's folder. SQLite works in the caller's turn, so nothing here waits inside
 * SQLite for another process. A busy step is tried again, and the process does other work in between.
 */
export class SqliteConnection {
  readonly database: DatabaseSyncInstance;
  /** It has read nothing, so it holds no lock. See `holdBack`. */
  readonly #onlooker: DatabaseSyncInstance;
  readonly #files: JournalFiles;

  private constructor(
    path: string,
    onlooker: DatabaseSyncInstance,
    database: DatabaseSyncInstance,
  ) {
    this.#onlooker = onlooker;
    this.database = database;
    this.#files = new JournalFiles(path);
  }

  /** Makes folder and database if they are missing. */
  static async open(folder: string): Promise<SqliteConnection> {
    const path = await prepareFolder(folder);
    const onlooker = new DatabaseSync(path, { readOnly: true, timeout: 0 });
    const database = new DatabaseSync(path, { timeout: 0 });
    try {
      await retry(() => setUp(database), JOURNAL_OPEN_DEADLINE_MS);
      checkpoint(database);
      await retry(() => requireSound(database), JOURNAL_OPEN_DEADLINE_MS);
      return new SqliteConnection(path, onlooker, database);
    } catch (error) {
      database.close();
      onlooker.close();
      throw error;
    }
  }

  /**
   * Runs one step that only reads. While another process is in its way, the step is tried again, for up to 4 s.
   * @throws JournalError when the files are not the journal's any more, or what the step throws
   */
  read<Result>(step: () => Result): Promise<Result> {
    return retry(() => {
      this.#checkPlace();
      return step();
    }, JOURNAL_DEADLINE_MS);
  }

  /**
   * Begins a transaction during which nobody else can write. Ends one before that could not be rolled back.
   * @throws JournalError when the files are not the journal's any more, or SQLite's error
   */
  begin(): void {
    this.#checkPlace();
    this.rollBack();
    this.database.exec('BEGIN IMMEDIATE');
  }

  /** Ends a transaction that failed, unless SQLite has already done so. */
  rollBack(): void {
    rollBack(this.database);
  }

  /** Moves the write-ahead log into the database, if that can be done at once. If not, the log still has everything. */
  checkpoint(): void {
    checkpoint(this.database);
  }

  /** Moves what was written into the database, and closes. If another database is in its place, that is left as it is. */
  close(): void {
    if (!this.#isInPlace()) {
      holdBack(this.#onlooker);
      this.database.close();
    } else {
      this.checkpoint();
      this.database.close();
      this.#onlooker.close();
    }
    this.#files.close();
  }

  /** What cannot be looked at may be another's, and the log still has everything. */
  #isInPlace(): boolean {
    try {
      return this.#files.look() !== 'replaced';
    } catch {
      return false;
    }
  }

  /**
   * Throws if the files were moved, removed or replaced: what is written to them would be lost with this process.
   * @throws JournalError
   */
  #checkPlace(): void {
    if (this.#files.look() === 'as-left') return;
    throw new JournalError(
      'journal database was moved, removed or replaced; bring it back, or stop all workers that use it and start them ' +
        'with what is there, see “An older journal is restored” in disaster recovery',
    );
  }
}

/** Runs one step, and tries it again while another process is in its way. */
async function retry<Result>(step: () => Result, withinMs: number): Promise<Result> {
  const giveUpAtMs = performance.now() + withinMs;
  for (;;) {
    try {
      return step();
    } catch (error) {
      if (!isBusy(error) || performance.now() > giveUpAtMs) throw error;
    }
    await pause();
  }
}

function setUp(database: DatabaseSyncInstance): void {
  versionOf(database);
  const { journal_mode: mode } = database.prepare('PRAGMA journal_mode = WAL').get() as {
    journal_mode: string;
  };
  if (mode !== 'wal') throw new JournalError('journal folder allows no write-ahead log');
  database.exec(SETTINGS);
  migrate(database);
}

/**
 * A single flipped bit in the index of names makes an entry absent, and an absent entry lets a spent token go out. SQLite
 * itself notices only what it cannot read. So everything is checked once, which takes 0.4 s for 50,000 entries (200 MB) on
 * one core.
 */
function requireSound(database: DatabaseSyncInstance): void {
  const { integrity_check: found } = database.prepare('PRAGMA integrity_check(1)').get() as {
    integrity_check: string;
  };
  if (found !== 'ok') throw damaged();
}

/** Does nothing if it cannot be done at once, for example because another connection needs the log or the disk is full. */
function checkpoint(database: DatabaseSyncInstance): void {
  try {
    database.prepare('PRAGMA wal_checkpoint(TRUNCATE)').get();
  } catch (error) {
    if (!isSqliteError(error)) throw error;
  }
}

/**
 * Keeps SQLite from writing into a database that is not ours any more. When the last connection closes, SQLite writes the
 * log into the database file, whoever's file that is by now. It does not while another connection holds a lock, as the
 * onlooker does from here on; the onlooker itself can only read. The process ends its objects from the newest to the oldest.
 * So an onlooker that was made before its connection, and is never closed, outlasts it.
 */
function holdBack(onlooker: DatabaseSyncInstance): void {
  onlookers.push(onlooker);
  try {
    versionOf(onlooker);
  } catch {
    // The attempt to read is enough: it took the lock.
  }
}

const onlookers: DatabaseSyncInstance[] = [];

/** Waits for a random moment. Two processes then wait differently long, and both get their turn. */
export function pause(): Promise<void> {
  return delay(1 + Math.random() * (JOURNAL_BUSY_POLL_MAX_MS - 1));
}
