import { randomBytes } from 'node:crypto';
import pg from 'pg';

/** A database of its own with a role that owns it and has no other right. */
export class TestDatabase {
  /** Of the role. Holds a password. */
  readonly url: string;
  readonly role: string;
  readonly password: string;
  readonly #serverUrl: string;

  private constructor(serverUrl: string, url: URL) {
    this.#serverUrl = serverUrl;
    this.url = url.href;
    this.role = url.username;
    this.password = url.password;
  }

  /** @param serverUrl of an administrator */
  static async create(serverUrl: string): Promise<TestDatabase> {
    const url = new URL(serverUrl);
    url.username = `test_${randomBytes(8).toString('hex')}`;
    url.password = randomBytes(16).toString('hex');
    url.pathname = `/${url.username}`;
    await withClient(serverUrl, async (server) => {
      await server.query(`CREATE ROLE ${url.username} LOGIN PASSWORD '${url.password}'`);
      await server.query(`CREATE DATABASE ${url.username} OWNER ${url.username}`);
    });
    return new TestDatabase(serverUrl, url);
  }

  /** Runs a statement in the database as its administrator. */
  async query<Row extends pg.QueryResultRow>(
    text: string,
    values: readonly unknown[] = [],
  ): Promise<Row[]> {
    return this.asAdministrator(
      async (client) => (await client.query<Row>(text, [...values])).rows,
    );
  }

  /** Runs statements in the database as its administrator, over one connection. */
  asAdministrator<Result>(work: (client: pg.Client) => Promise<Result>): Promise<Result> {
    return withClient(new URL(`/${this.role}`, this.#serverUrl).href, work);
  }

  /** From now on the role is cut off, as by a database that is away. */
  async shut(): Promise<void> {
    await this.query(`ALTER ROLE ${this.role} NOLOGIN`);
    await this.query('SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = $1', [
      this.role,
    ]);
  }

  /** Lets the role in again. */
  async reopen(): Promise<void> {
    await this.query(`ALTER ROLE ${this.role} LOGIN`);
  }

  /** Drops the database and its role, whoever is still connected. */
  async drop(): Promise<void> {
    await withClient(this.#serverUrl, async (server) => {
      await server.query(`DROP DATABASE ${this.role} WITH (FORCE)`);
      await server.query(`DROP ROLE ${this.role}`);
    });
  }
}

async function withClient<Result>(
  url: string,
  work: (client: pg.Client) => Promise<Result>,
): Promise<Result> {
  const client = new pg.Client(url);
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}
