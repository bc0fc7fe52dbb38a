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
 * A commit is on the disk before it counts (`fullfsync`: also where the system's flush stops at the drive's cache), and
 * what is deleted is overwritten.
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
 * SQLite for another process: what is busy is tried again, and the process lives on in between.
 */
export class SqliteConnection {
  readonly database: DatabaseSyncInstance;
  /** Has read nothing, so it holds no lock. */
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

  /** Makes folder and database where they are missing. */
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
   * Runs one step that only reads, again and again while another process is in its way: for 4 s.
   * @throws JournalError when the files are not the journal's any more, or what the step throws
   */
  read<Result>(step: () => Result): Promise<Result> {
    return retry(() => {
      this.checkPlace();
      return step();
    }, JOURNAL_DEADLINE_MS);
  }

  /**
   * Begins a transaction that nobody else can write in.
   * @throws JournalError when the files are not the journal's any more, or SQLite's error
   */
  begin(): void {
    this.checkPlace();
    this.database.exec('BEGIN IMMEDIATE');
  }

  /** Undoes what SQLite has not undone by itself, as it does where it cannot go on. */
  rollBack(): void {
    rollBack(this.database);
  }

  /** Moves the write-ahead log into the database, if that can be done at once. Until it is, the log has everything. */
  checkpoint(): void {
    checkpoint(this.database);
  }

  /** What was written is in the database then, unless another one is there, which is left as it is. */
  close(): void {
    if (this.#files.look() === 'replaced') {
      holdBack(this.#onlooker);
      this.database.close();
    } else {
      this.checkpoint();
      this.database.close();
      this.#onlooker.close();
    }
    this.#files.close();
  }

  /**
   * What is written to files that were moved, removed or replaced would be lost with this process.
   * @throws JournalError
   */
  checkPlace(): void {
    if (this.#files.look() === 'as-left') return;
    throw new JournalError(
      'journal database was moved, removed or replaced; bring it back, or stop all workers that use it and start them ' +
        'with what is there, see “An older journal is restored” in disaster recovery',
    );
  }
}

/** Runs one step, again and again while another process is in its way. */
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
 * itself notices only what it cannot read, so all is read once: 0.4 s for 50,000 entries (200 MB) on one core.
 */
function requireSound(database: DatabaseSyncInstance): void {
  const { integrity_check: found } = database.prepare('PRAGMA integrity_check(1)').get() as {
    integrity_check: string;
  };
  if (found !== 'ok') throw damaged();
}

/** Does nothing where that cannot be done at once: another connection needs the log, say, or the disk is full. */
function checkpoint(database: DatabaseSyncInstance): void {
  try {
    database.prepare('PRAGMA wal_checkpoint(TRUNCATE)').get();
  } catch (error) {
    if (!isSqliteError(error)) throw error;
  }
}

/**
 * SQLite's last connection writes its log into the database, whoever's that has become. While another one has a lock it
 * does not, and one that can only read writes nothing itself. The process ends its objects from the newest to the oldest, so
 * an onlooker that was made before its connection, and is never closed, outlasts it.
 */
function holdBack(onlooker: DatabaseSyncInstance): void {
  onlookers.push(onlooker);
  try {
    versionOf(onlooker);
  } catch {
    // The lock came with the attempt to read.
  }
}

const onlookers: DatabaseSyncInstance[] = [];

/** Waits a moment that differs from the other process's, so that both get their turn. */
export function pause(): Promise<void> {
  return delay(1 + Math.random() * (JOURNAL_BUSY_POLL_MAX_MS - 1));
}
