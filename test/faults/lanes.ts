import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { shared } from '../support/shared-resources.js';
import { inSqlite, inPostgres, type JournalPlace } from './journal-place.js';
import { Lane } from './lane.js';

/** Kinds of journals in the campaign. */
export const JOURNALS = ['SQLite', 'PostgreSQL'] as const;
export type JournalKind = (typeof JOURNALS)[number];

/** Lanes for tries that run at the same time; a lane whose try broke is not used again. */
export class Lanes {
  readonly #free: Record<JournalKind, Lane[]> = { SQLite: [], PostgreSQL: [] };

  async use<Result>(kind: JournalKind, work: (lane: Lane) => Promise<Result>): Promise<Result> {
    const lane = this.#free[kind].pop() ?? (await Lane.open(await placeOf(kind)));
    let isWhole = false;
    try {
      const result = await work(lane);
      isWhole = true;
      return result;
    } finally {
      if (isWhole) this.#free[kind].push(lane);
      else await lane.close();
    }
  }

  async close(): Promise<void> {
    const lanes = JOURNALS.flatMap((kind) => this.#free[kind]);
    await Promise.all(lanes.map((lane) => lane.close()));
  }
}

async function placeOf(kind: JournalKind): Promise<JournalPlace> {
  if (kind === 'PostgreSQL') return inPostgres(await shared('postgresUrl'));
  const folder = await mkdtemp(join(tmpdir(), 'evertoken-journal-'));
  return { ...inSqlite(folder), close: () => rm(folder, { recursive: true }) };
}
