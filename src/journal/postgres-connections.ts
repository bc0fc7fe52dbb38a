import pg from 'pg';
import { JOURNAL_CONNECTIONS, JOURNAL_DEADLINE_MS } from './numbers.js';

/** A database that does not answer: as the system says it of a connection. */
class DeadlineError extends Error {
  override readonly name = 'DeadlineError';
  readonly code = 'ETIMEDOUT';
}

/**
 * A few connections to one database, made when they are needed and again after the database was away. Whatever the
 * database does, nothing done with one lasts longer than its deadline.
 */
export class PostgresConnections {
  readonly #pool: pg.Pool;

  constructor(url: string) {
    this.#pool = new pg.Pool({
      connectionString: url,
      fallback_application_name: 'evertoken',
      max: JOURNAL_CONNECTIONS,
      connectionTimeoutMillis: JOURNAL_DEADLINE_MS,
      keepAlive: true,
      // An idle connection does not hold a process that has come to its end.
      allowExitOnIdle: true,
    });
    // What breaks while nobody uses it concerns nobody: the pool makes a new one. Unheard, it would end the process.
    this.#pool.on('error', () => undefined);
    // What breaks in use rejects the statement as well.
    this.#pool.on('connect', (client) => client.on('error', () => undefined));
  }

  /**
   * Lends a connection. Past the deadline it is closed, so nothing more is sent over it; a statement on the way may
   * still be carried out.
   */
  async use<Result>(
    deadlineMs: number,
    work: (client: pg.ClientBase) => Promise<Result>,
  ): Promise<Result> {
    const late = new AbortController();
    const timer = setTimeout(() => late.abort(new DeadlineError('too late')), deadlineMs);
    try {
      return await Promise.race([this.#lend(late.signal, work), aborted(late.signal)]);
    } finally {
      clearTimeout(timer);
    }
  }

  /** Closes all connections; gives up waiting for a database that does not answer. */
  async close(): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, JOURNAL_DEADLINE_MS);
    });
    await Promise.race([this.#pool.end(), late]);
    clearTimeout(timer);
  }

  async #lend<Result>(
    late: AbortSignal,
    work: (client: pg.ClientBase) => Promise<Result>,
  ): Promise<Result> {
    const client = await this.#pool.connect();
    let isLent = true;
    const giveBack = (isBroken: boolean): void => {
      if (isLent) client.release(isBroken);
      isLent = false;
    };
    const breakOff = (): void => giveBack(true);
    late.addEventListener('abort', breakOff);
    try {
      late.throwIfAborted();
      const result = await work(client);
      giveBack(false);
      return result;
    } finally {
      late.removeEventListener('abort', breakOff);
      giveBack(true);
    }
  }
}

function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_resolve, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason as Error));
  });
}
