import { setImmediate as nextTurn } from 'node:timers/promises';
import { JOURNAL_COMMIT_UPDATES_MAX, JOURNAL_DEADLINE_MS } from './numbers.js';
import { pause, type SqliteConnection } from './sqlite-connection.js';
import { isBusy, isSqliteError } from './sqlite-failure.js';

/** What a group needs of its connection. */
export type Transactions = Pick<SqliteConnection, 'begin' | 'rollBack'> & {
  readonly database: Pick<SqliteConnection['database'], 'exec'>;
};

/** A step that waits for its commit. */
interface Waiting {
  readonly giveUpAtMs: number;
  /** SQLite refused the group that this step was in. Its next commit is of it alone, and shows whether it was at fault. */
  readonly isAlone?: true;
  /** Runs the step. The returned function tells the step's caller; call it once the commit is durable. */
  run(): () => void;
  fail(error: unknown): void;
}

/**
 * Runs steps in transactions of one connection. Steps share a commit, and so one flush of the disk, if they are asked for in
 * the same turn, or while a transaction of another process is under way.
 */
export class GroupCommit {
  readonly #connection: Transactions;
  #waiting: Waiting[] = [];
  #rounds: Promise<void> | undefined;

  constructor(connection: Transactions) {
    this.#connection = connection;
  }

  /**
   * Resolves with what the step returned, once its commit is durable. Rejects with what the step threw, with SQLite's error,
   * or after 4 s of waiting for another process. A failure concerns no other step. A step must write with its last
   * statement, and may run more than once.
   */
  run<Result>(step: () => Result): Promise<Result> {
    const result = new Promise<Result>((resolve, reject) => {
      this.#waiting.push({
        giveUpAtMs: performance.now() + JOURNAL_DEADLINE_MS,
        run: () => {
          const value = step();
          return () => resolve(value);
        },
        fail: reject,
      });
    });
    this.#rounds ??= this.#commitAll();
    return result;
  }

  /** Resolves once nothing waits. */
  async finished(): Promise<void> {
    await this.#rounds;
  }

  async #commitAll(): Promise<void> {
    while (this.#waiting.length > 0) {
      await nextTurn();
      const isBegun = await this.#begin();
      if (isBegun) this.#commit(this.#nextGroup());
    }
    this.#rounds = undefined;
  }

  /** Begins a transaction; false if no step waits any more. */
  async #begin(): Promise<boolean> {
    for (;;) {
      try {
        this.#connection.begin();
        return true;
      } catch (error) {
        const late = isBusy(error) ? performance.now() : Infinity;
        for (const each of this.#waiting) if (each.giveUpAtMs < late) each.fail(error);
        this.#waiting = this.#waiting.filter(({ giveUpAtMs }) => giveUpAtMs >= late);
      }
      if (this.#waiting.length === 0) return false;
      await pause();
    }
  }

  #nextGroup(): readonly Waiting[] {
    const alone = this.#waiting.findIndex(({ isAlone }) => isAlone);
    const most = alone === 0 ? 1 : alone === -1 ? Infinity : alone;
    return this.#waiting.splice(0, Math.min(most, JOURNAL_COMMIT_UPDATES_MAX));
  }

  #commit(group: readonly Waiting[]): void {
    const told: (() => void)[] = [];
    try {
      for (const each of group) told.push(outcomeOf(each));
      this.#connection.database.exec('COMMIT');
    } catch (error) {
      this.#rollBack();
      if (group.length === 1) group[0]?.fail(error);
      else this.#waiting.unshift(...group.map((each) => ({ ...each, isAlone: true as const })));
      return;
    }
    for (const tell of told) tell();
  }

  #rollBack(): void {
    try {
      this.#connection.rollBack();
    } catch {
      // The transaction stays open, and ends before the next one begins.
    }
  }
}

/**
 * Runs a step. If the step itself throws, that is its outcome.
 * @throws SQLite's error
 */
function outcomeOf(each: Waiting): () => void {
  try {
    return each.run();
  } catch (error) {
    if (isSqliteError(error)) throw error;
    return () => each.fail(error);
  }
}
