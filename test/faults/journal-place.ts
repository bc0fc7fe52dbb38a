import { watch } from 'node:fs';
import type { RefreshJournal, Sealer } from '../../src/journal/port.js';
import { openPostgresJournal } from '../../src/journal/postgres-journal.js';
import { openSqliteJournal } from '../../src/journal/sqlite-journal.js';
import { HoldingProxy } from '../support/holding-proxy.js';
import { TestDatabase } from '../support/test-database.js';

/** Where SQLite writes first. */
const WRITE_AHEAD_LOG = 'journal.sqlite-wal';

/** Where the journal of a lane rests. */
export interface JournalPlace {
  /** What tells the worker. */
  readonly env: Readonly<Record<string, string>>;
  /** The same journal, for the campaign to look into. */
  open(sealer: Sealer, namespace: string): Promise<RefreshJournal>;
  /** Resolves when the worker has begun to write; what it writes may not arrive until `release`. */
  untilWriting(): Promise<void>;
  release(): void;
  close(): Promise<void>;
}

/** A journal in a folder of this host. */
export function inSqlite(folder: string): JournalPlace {
  return {
    env: { EVERTOKEN_JOURNAL_DIR: folder },
    open: (sealer, namespace) => openSqliteJournal(folder, namespace, sealer),
    untilWriting: () =>
      new Promise((resolve) => {
        const changes = watch(folder).on('change', (_event, name) => {
          if (name !== WRITE_AHEAD_LOG) return;
          changes.close();
          resolve();
        });
      }),
    release: () => undefined,
    close: () => Promise.resolve(),
  };
}

/** A journal in a database of its own, over a network of its own. */
export async function inPostgres(serverUrl: string): Promise<JournalPlace> {
  const database = await TestDatabase.create(serverUrl);
  const network = await HoldingProxy.open(new URL(serverUrl).host);
  const overNetwork = new URL(database.url);
  overNetwork.host = network.address;
  return {
    env: { EVERTOKEN_JOURNAL_URL: overNetwork.href },
    open: (sealer, namespace) => openPostgresJournal(database.url, namespace, sealer),
    untilWriting: () => {
      network.hold();
      return network.untilHeld();
    },
    release: () => network.release(),
    close: async () => {
      await network.close();
      await database.drop();
    },
  };
}
