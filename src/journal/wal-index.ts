import { closeSync, fstatSync, openSync, readSync, statSync } from 'node:fs';

/**
 * Where the index says what was moved from the log into the database: the log's salts, how many pages were moved, and
 * how many somebody began to move (https://www.sqlite.org/walformat.html#the_wal_index_file_format). What lies between
 * is left alone: some systems let nobody read the bytes that SQLite locks there.
 */
const FIELDS: readonly (readonly [offset: number, bytes: number])[] = [
  [32, 8],
  [96, 4],
  [128, 4],
];
const FIELDS_BYTES = 16;

/** What is known of checkpoints: SQLite writes the database file itself in no other way. */
export interface Checkpoints {
  /** Differs once a checkpoint has begun or come to its end. */
  readonly state: string;
  /** One has begun and not come to its end: the file may be written at any time. */
  readonly isUnderWay: boolean;
}

interface OpenIndex {
  readonly fd: number;
  users: number;
}

/**
 * Indexes that this process reads. Each is opened once and closed with its last connection: a process that closes any
 * descriptor of a file lets go of all locks that SQLite holds on it (https://www.sqlite.org/howtocorrupt.html, section 2.2).
 */
const openIndexes = new Map<string, OpenIndex>();

/** The index of a write-ahead log, which SQLite keeps in the file `-shm`, as an onlooker reads it. */
export class WalIndex {
  readonly #key: string;
  readonly #index: OpenIndex;

  /** @throws the system's error where there is none */
  constructor(path: string) {
    const known = openIndexes.get(keyOf(statSync(path, { bigint: true })));
    this.#index = known ?? { fd: openSync(path, 'r'), users: 0 };
    this.#index.users += 1;
    this.#key = keyOf(fstatSync(this.#index.fd, { bigint: true }));
    openIndexes.set(this.#key, this.#index);
  }

  checkpoints(): Checkpoints {
    const read = Buffer.alloc(FIELDS_BYTES);
    let at = 0;
    for (const [offset, bytes] of FIELDS) {
      readSync(this.#index.fd, read, at, bytes, offset);
      at += bytes;
    }
    const isUnderWay = !read.subarray(8, 12).equals(read.subarray(12, 16));
    return { state: read.toString('hex'), isUnderWay };
  }

  /** To be called after SQLite has closed its own. */
  close(): void {
    this.#index.users -= 1;
    if (this.#index.users > 0) return;
    openIndexes.delete(this.#key);
    closeSync(this.#index.fd);
  }
}

function keyOf({ dev, ino }: { readonly dev: bigint; readonly ino: bigint }): string {
  return `${dev}:${ino}`;
}
