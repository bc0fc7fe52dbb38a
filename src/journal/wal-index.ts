import { closeSync, fstatSync, openSync, readSync, statSync } from 'node:fs';
import { endianness } from 'node:os';

/**
 * Where the index says what was moved from the log into the database
 * (https://www.sqlite.org/walformat.html#the_wal_index_file_format): the last frame of the log, how many frames were moved,
 * how many somebody began to move, and the salts, which are drawn anew whenever the log begins anew. The bytes in between
 * are not read, because SQLite locks some of them, and some systems then let nobody read them.
 */
const LAST_FRAME = { offset: 16, bytes: 4 } as const;
const SALTS = { offset: 32, bytes: 8 } as const;
const MOVED = { offset: 96, bytes: 4 } as const;
const BEGUN = { offset: 128, bytes: 4 } as const;

type Place = typeof LAST_FRAME | typeof SALTS | typeof MOVED | typeof BEGUN;

/** What is known of checkpoints. Only a checkpoint makes SQLite write the database file itself. */
export interface Checkpoints {
  /** Changes whenever a checkpoint begins or ends. */
  readonly state: string;
  /** A checkpoint has begun and not ended, so the file may be written at any time. */
  readonly isUnderWay: boolean;
}

interface OpenIndex {
  readonly fd: number;
  users: number;
}

/**
 * Indexes that this process reads. Each is opened once, and closed with its last connection. A process that closes any
 * descriptor of a file lets go of all locks that SQLite holds on it (https://www.sqlite.org/howtocorrupt.html, section 2.2).
 */
const openIndexes = new Map<string, OpenIndex>();

/** Reads the index of a write-ahead log, which SQLite keeps in the file `-shm`, without taking part in it. */
export class WalIndex {
  readonly #key: string;
  readonly #index: OpenIndex;

  /** @throws the system's error if there is no index */
  constructor(path: string) {
    const known = openIndexes.get(keyOf(statSync(path, { bigint: true })));
    this.#index = known ?? { fd: openSync(path, 'r'), users: 0 };
    this.#index.users += 1;
    this.#key = keyOf(fstatSync(this.#index.fd, { bigint: true }));
    openIndexes.set(this.#key, this.#index);
  }

  /** All of one moment: if the log began anew meanwhile, the index is read again. */
  checkpoints(): Checkpoints {
    for (;;) {
      const salts = this.#read(SALTS).toString('hex');
      const lastFrame = numberIn(this.#read(LAST_FRAME));
      const moved = numberIn(this.#read(MOVED));
      const begun = numberIn(this.#read(BEGUN));
      if (this.#read(SALTS).toString('hex') !== salts) continue;
      // When a log begins anew, the index first says that it is empty, and only then that nothing of it was moved.
      const isBeginning = moved > lastFrame;
      return { state: `${salts}:${moved}:${begun}`, isUnderWay: moved !== begun || isBeginning };
    }
  }

  /** Call it after SQLite has closed its own files. */
  close(): void {
    this.#index.users -= 1;
    if (this.#index.users > 0) return;
    openIndexes.delete(this.#key);
    closeSync(this.#index.fd);
  }

  #read({ offset, bytes }: Place): Buffer {
    const read = Buffer.alloc(bytes);
    readSync(this.#index.fd, read, 0, bytes, offset);
    return read;
  }
}

/** The index has the byte order of its host. */
function numberIn(bytes: Buffer): number {
  return endianness() === 'LE' ? bytes.readUInt32LE() : bytes.readUInt32BE();
}

function keyOf({ dev, ino }: { readonly dev: bigint; readonly ino: bigint }): string {
  return `${dev}:${ino}`;
}
