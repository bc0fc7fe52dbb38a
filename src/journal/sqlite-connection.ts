import { statSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { DatabaseSync, type DatabaseSyncInstance } from '@photostructure/sqlite';
import { prepareFolder } from './journal-folder.js';
import {
  JOURNAL_BUSY_POLL_MAX_MS,
  JOURNAL_DEADLINE_MS,
  JOURNAL_OPEN_DEADLINE_MS,
} from './numbers.js';
import { JournalError } from './port.js';
import { isBusy, isSqliteError } from './sqlite-failure.js';
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

/** Which file a path leads to. */
interface FileIdentity {
  readonly dev: number;
  readonly ino: number;
}

/**
 * One connection to the database of a journal's folder. SQLite works in the caller's turn, so nothing here waits inside
 * SQLite for another process: what is busy is tried again, and the process lives on in between.
 */
export class SqliteConnection {
  readonly database: DatabaseSyncInstance;
  readonly #path: string;
  readonly #file: FileIdentity;

  private constructor(path: string) {
    this.#path = path;
    this.database = new DatabaseSync(path, { timeout: 0 });
    this.#file = statSync(path);
  }

  /** Makes folder and database where they are missing. */
  static async open(folder: string): Promise<SqliteConnection> {
    const connection = new SqliteConnection(await prepareFolder(folder));
    try {
      await connection.retry(() => connection.#setUp(), JOURNAL_OPEN_DEADLINE_MS);
      return connection;
    } catch (error) {
      connection.database.close();
      throw error;
    }
  }

  /** Runs one step, again and again while another process is in its way: for 4 s, unless told otherwise. */
  async retry<Result>(step: () => Result, withinMs = JOURNAL_DEADLINE_MS): Promise<Result> {
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

  /**
   * Begins a transaction that nobody else can write in.
   * @throws JournalError when the file is not the journal's any more, or SQLite's error
   */
  begin(): void {
    this.checkPlace();
    this.database.exec('BEGIN IMMEDIATE');
  }

  /** Undoes what SQLite has not undone by itself, as it does where it cannot go on. */
  rollBack(): void {
    rollBack(this.database);
  }

  /**
   * Checks that the file is still in its place: what is written to one that was moved or removed is lost with this
   * process.
   * @throws JournalError
   */
  checkPlace(): void {
    const found = statSync(this.#path, { throwIfNoEntry: false });
    if (found?.ino === this.#file.ino && found.dev === this.#file.dev) return;
    throw new JournalError(
      'journal database was moved, removed or replaced; bring it back, or start the worker again to use what is there',
    );
  }

  /**
   * Moves the write-ahead log into the database, if that can be done at once. It cannot while another connection needs
   * the log, or if the disk is full. Until it is moved, the log has everything.
   */
  checkpoint(): void {
    try {
      this.database.prepare('PRAGMA wal_checkpoint(TRUNCATE)').get();
    } catch (error) {
      if (!isSqliteError(error)) throw error;
    }
  }

  close(): void {
    this.checkpoint();
    this.database.close();
  }

  #setUp(): void {
    versionOf(this.database);
    const { journal_mode: mode } = this.database.prepare('PRAGMA journal_mode = WAL').get() as {
      journal_mode: string;
    };
    if (mode !== 'wal') throw new JournalError('journal folder allows no write-ahead log');
    this.database.exec(SETTINGS);
    migrate(this.database);
  }
}

/** Waits a moment that differs from the other process's, so that both get their turn. */
export function pause(): Promise<void> {
  return delay(1 + Math.random() * (JOURNAL_BUSY_POLL_MAX_MS - 1));
}
