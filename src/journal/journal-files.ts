import { type BigIntStats, statSync } from 'node:fs';
import { type Checkpoints, WalIndex } from './wal-index.js';

/** The database, its log and the log's index, as SQLite names them. */
const SUFFIXES = ['', '-wal', '-shm'] as const;

/** Windows may update a file's times late, so there only its size tells of a change. */
const TELLS_TIME = process.platform !== 'win32';

/** In which state the files of a journal are found. */
export type FilesState = 'as-left' | 'log-removed' | 'replaced';

/** The database file at one moment. */
interface Seen {
  readonly content: string;
  /** As they were just before that moment. */
  readonly checkpoints: Checkpoints;
}

/**
 * The files that one connection holds open. Somebody may remove or overwrite them, and SQLite would not notice: it would go
 * on with files that nobody else sees. So this class notices what cannot come from SQLite: another file under one of the three
 * names, or a database file that changed although no checkpoint ran.
 */
export class JournalFiles {
  readonly #path: string;
  readonly #identities: readonly (string | undefined)[];
  readonly #index: WalIndex;
  #seen: Seen;
  #isOverwritten = false;

  /** Make it after the connection has read: only then are all of its files there. */
  constructor(path: string) {
    this.#path = path;
    this.#index = new WalIndex(`${path}-shm`);
    const checkpoints = this.#index.checkpoints();
    const found = this.#found();
    this.#identities = found.map(identityOf);
    this.#seen = { content: contentOf(found[0]), checkpoints };
  }

  look(): FilesState {
    const checkpoints = this.#index.checkpoints();
    const found = this.#found();
    const main = found[0];
    if (identityOf(main) !== this.#identities[0]) return 'replaced';
    this.#compare({ content: contentOf(main), checkpoints });
    if (this.#isOverwritten) return 'replaced';
    const changed = found.filter((each, index) => identityOf(each) !== this.#identities[index]);
    if (changed.length === 0) return 'as-left';
    return changed.every((each) => each === undefined) ? 'log-removed' : 'replaced';
  }

  /** Call it after SQLite has closed its own files. */
  close(): void {
    this.#index.close();
  }

  /** The index shows a checkpoint before it writes, and again after it. Files that were overwritten once stay so. */
  #compare(now: Seen): void {
    const before = this.#seen;
    if (now.content !== before.content && !before.checkpoints.isUnderWay) {
      const after = this.#index.checkpoints();
      if (after.state === before.checkpoints.state) this.#isOverwritten = true;
    }
    this.#seen = now;
  }

  #found(): readonly (BigIntStats | undefined)[] {
    return SUFFIXES.map((suffix) =>
      statSync(this.#path + suffix, { bigint: true, throwIfNoEntry: false }),
    );
  }
}

function identityOf(file: BigIntStats | undefined): string | undefined {
  return file && `${file.dev}:${file.ino}`;
}

function contentOf(file: BigIntStats | undefined): string {
  return file === undefined ? '' : `${file.size}:${TELLS_TIME ? file.mtimeNs : ''}`;
}
