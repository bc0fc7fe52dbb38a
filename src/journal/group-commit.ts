import { setImmediate as nextTurn } from 'node:timers/promises';
import { JOURNAL_COMMIT_UPDATES_MAX, JOURNAL_DEADLINE_MS } from './numbers.js';
import { pause, type SqliteConnection } from './sqlite-connection.js';
import { isBusy, isSqliteError } from './sqlite-failure.js';

/** A step that waits for its commit. */
interface Waiting {
  readonly giveUpAtMs: number;
  /** SQLite refused the group that it was in: the next commit tells whether it was this step's fault. */
  readonly isAlone?: true;
  /** Runs the step; what it returns tells its caller, once the commit is durable. */
  run(): () => void;
  fail(error: unknown): void;
}

/**
 * Runs steps in transactions of one connection. Steps that are asked for in the same turn, or while a transaction of
 * another process is under way, share a commit and with it one flush of the disk.
 */
export class GroupCommit {
  readonly #connection: SqliteConnection;
  #waiting: Waiting[] = [];
  #rounds: Promise<void> | undefined;

  constructor(connection: SqliteConnection) {
    this.#connection = connection;
  }

  /**
   * Resolves with what the step returned once its commit is durable; rejects with what the step threw, with what SQLite
   * says, or after 4 s of waiting for another process. Either way it concerns no other step. A step writes with its last
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

  /** False when nothing waits any more. */
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
      this.#connection.rollBack();
      if (group.length === 1) group[0]?.fail(error);
      else this.#waiting.unshift(...group.map((each) => ({ ...each, isAlone: true as const })));
      return;
    }
    for (const tell of told) tell();
  }
}

/** @throws what SQLite refuses; the step's own error is its outcome */
function outcomeOf(each: Waiting): () => void {
  try {
    return each.run();
  } catch (error) {
    if (isSqliteError(error)) throw error;
    return () => each.fail(error);
  }
}
