import { closeSync, fstatSync, openSync, readSync, statSync } from 'node:fs';
import { endianness } from 'node:os';

/**
 * Where the index says what was moved from the log into the database
 * (https://www.sqlite.org/walformat.html#the_wal_index_file_format): the last frame of the log, how many frames were moved,
 * how many somebody began to move, and the salts, which each new beginning of the log draws anew. What lies between is left
 * alone: some systems let nobody read the bytes that SQLite locks there.
 */
const LAST_FRAME = { offset: 16, bytes: 4 } as const;
const SALTS = { offset: 32, bytes: 8 } as const;
const MOVED = { offset: 96, bytes: 4 } as const;
const BEGUN = { offset: 128, bytes: 4 } as const;

type Place = typeof LAST_FRAME | typeof SALTS | typeof MOVED | typeof BEGUN;

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

  /** Of one moment: where the log began anew meanwhile, it is read again. */
  checkpoints(): Checkpoints {
    for (;;) {
      const salts = this.#read(SALTS).toString('hex');
      const lastFrame = numberIn(this.#read(LAST_FRAME));
      const moved = numberIn(this.#read(MOVED));
      const begun = numberIn(this.#read(BEGUN));
      if (this.#read(SALTS).toString('hex') !== salts) continue;
      // A log that begins anew is said to be empty before it is said that nothing of it was moved.
      const isBeginning = moved > lastFrame;
      return { state: `${salts}:${moved}:${begun}`, isUnderWay: moved !== begun || isBeginning };
    }
  }

  /** To be called after SQLite has closed its own. */
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
