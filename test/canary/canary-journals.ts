import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { PostgresServer } from '../support/postgres-server.js';

/** Where the worker of a rig keeps its journal. */
export interface CanaryJournal {
  /** Variables that say so. */
  readonly env: Readonly<Record<string, string>>;
  /** Everything that rests there once the worker has ended, by the name of its place. */
  collect(): Promise<ReadonlyMap<string, Buffer>>;
}

/** A journal in a folder: its database, and what SQLite keeps beside it. */
export function journalInFolder(folder: string): CanaryJournal {
  return {
    env: { EVERTOKEN_JOURNAL_DIR: folder },
    collect: async () => {
      const names = await readdir(folder);
      const contents = names.map((name) => readFile(join(folder, name)));
      return new Map([
        ['the names of the journal', Buffer.from(names.join('\n'))],
        ['the journal', Buffer.concat(await Promise.all(contents))],
      ]);
    },
  };
}

/** A journal in PostgreSQL; collecting stops the server. */
export function journalInPostgres(server: PostgresServer): CanaryJournal {
  return {
    env: { EVERTOKEN_JOURNAL_URL: server.url },
    collect: async () => {
      await server.stop();
      return new Map([
        ['the files of the journal’s database', await server.contentAtRest()],
        ['the log of the journal’s database', await server.log()],
      ]);
    },
  };
}
