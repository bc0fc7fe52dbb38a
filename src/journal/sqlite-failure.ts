import { codeOf, withJournalErrors } from './journal-errors.js';

/** What can go wrong with a database file, by SQLite's primary result code (https://www.sqlite.org/rescode.html). */
const FAILURES: ReadonlyMap<number, readonly [code: string, meaning: string]> = new Map([
  [3, ['SQLITE_PERM', 'this user may not use it']],
  [5, ['SQLITE_BUSY', 'another process kept it locked']],
  [8, ['SQLITE_READONLY', 'it is read-only for this user']],
  [10, ['SQLITE_IOERR', 'its disk failed, or is full']],
  [
    11,
    [
      'SQLITE_CORRUPT',
      'the database is damaged, see “The journal is damaged” in disaster recovery',
    ],
  ],
  [13, ['SQLITE_FULL', 'its disk is full']],
  [14, ['SQLITE_CANTOPEN', 'it cannot be opened; check its folder, disk and rights']],
  [
    26,
    [
      'SQLITE_NOTADB',
      'journal.sqlite is no database or is damaged, see “The journal is damaged” in disaster recovery',
    ],
  ],
]);

/** What can go wrong in the system before SQLite is involved. */
const SYSTEM_FAILURES: ReadonlyMap<string, string> = new Map([
  ['ENOSPC', 'its disk is full'],
  ['EROFS', 'it is read-only'],
  ['EACCES', 'this user may not use it'],
  ['EPERM', 'this user may not use it'],
  ['EEXIST', 'its path is not a folder'],
  ['ENOTDIR', 'its path is not a folder'],
]);

const BUSY = 5;
const CORRUPT = 11;

/** An error of SQLite, with the fields that Node's own `node:sqlite` gives it. */
interface SqliteError extends Error {
  readonly code: 'ERR_SQLITE_ERROR';
  /** Extended result code; its lowest byte is the primary one. */
  readonly errcode: number;
}

/** Whether SQLite failed, rather than our own code within a transaction. */
export function isSqliteError(error: unknown): error is SqliteError {
  return error instanceof Error && (error as Partial<SqliteError>).code === 'ERR_SQLITE_ERROR';
}

/** The error that SQLite would give for a damaged database if it had noticed the damage itself. */
export function damaged(): SqliteError {
  const error = new Error('database disk image is malformed');
  return Object.assign(error, { code: 'ERR_SQLITE_ERROR', errcode: CORRUPT } as const);
}

/** Whether another connection was in the way. Then nothing happened, and it may be tried again. */
export function isBusy(error: unknown): boolean {
  return isSqliteError(error) && primaryCode(error) === BUSY;
}

/**
 * Runs work of the journal in SQLite. Failures are told in our own words, because the system's texts name paths and
 * SQLite's may quote the data.
 * @throws JournalError
 */
export function withSqliteFailures<Result>(
  problem: string,
  work: () => Promise<Result>,
): Promise<Result> {
  return withJournalErrors(problem, work, (error) => {
    const [code, meaning] = failureOf(error);
    return `${meaning === undefined ? '' : `: ${meaning}`} [cause=${code}]`;
  });
}

function failureOf(error: unknown): readonly [code: string, meaning?: string] {
  if (isSqliteError(error)) {
    const code = primaryCode(error);
    return FAILURES.get(code) ?? [`SQLITE_${code}`];
  }
  const code = codeOf(error);
  const meaning = SYSTEM_FAILURES.get(code);
  return meaning === undefined ? [code] : [code, meaning];
}

function primaryCode({ errcode }: SqliteError): number {
  return errcode & 0xff;
}
