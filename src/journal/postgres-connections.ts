import pg from 'pg';
import { JOURNAL_CONNECTIONS, JOURNAL_DEADLINE_MS } from './numbers.js';

/** The database does not answer. The code is the one that the system gives for a connection. */
class DeadlineError extends Error {
  override readonly name = 'DeadlineError';
  readonly code = 'ETIMEDOUT';
}

/**
 * A few connections to one database. They are made when they are needed, and again after the database was away. Whatever
 * the database does, no use of a connection lasts longer than its deadline.
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
      // An idle connection must not keep a process alive that has come to its end.
      allowExitOnIdle: true,
    });
    // If an unused connection breaks, the pool makes a new one. Without a listener the error would end the process.
    this.#pool.on('error', () => undefined);
    // If a connection breaks in use, the statement rejects, too.
    this.#pool.on('connect', (client) => client.on('error', () => undefined));
  }

  /**
   * Lends a connection. At the deadline the connection is closed, so nothing more is sent over it. A statement that is on its
   * way may still be carried out.
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

  /** Closes all connections. It does not wait for a database that does not answer. */
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
