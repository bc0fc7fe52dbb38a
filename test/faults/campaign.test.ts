import { afterAll, describe, expect, it } from 'vitest';
import { tryFault, type TryResult } from './fault-try.js';
import { diskFullBeforeAnswer, diskFullBeforeRequest } from './full-disk.js';
import { inSqlite } from './journal-place.js';
import { Lane } from './lane.js';
import { JOURNALS, Lanes } from './lanes.js';
import { runOutage } from './outage.js';
import { OTHER_TRIES, PLAN } from './plan.js';
import { writeResults } from './results.js';
import { SmallDisk } from '../support/small-disk.js';

/** `npm run faults` tries every fault often, and writes the results down; `npm test` tries some of them once. */
const isWhole = process.env['FAULTS'] === 'all';
const FIRST_SEED = Number(process.env['FAULTS_SEED'] ?? 1);
const OUTAGE_MS = isWhole ? 300_000 : 40_000;

const tries = PLAN.flatMap(({ fault, tries: count, isQuick }, index) =>
  seeds(isWhole ? count : Number(isQuick)).map((seed) => ({
    fault,
    seed,
    journal: JOURNALS[(index + seed) % JOURNALS.length] ?? 'SQLite',
  })),
);

const results: TryResult[] = [];
const lanes = new Lanes();
const disk = await SmallDisk.mount();
afterAll(async () => {
  await lanes.close();
  await disk?.unmount();
  if (isWhole && tries.every(hasResult)) await writeResults(results, FIRST_SEED);
});

describe.concurrent(
  'nothing is lost and nothing spent twice, whatever happens to',
  { timeout: 1_200_000 },
  () => {
    it('the server while tokens come due, which readers have all the while', async () => {
      check(await lanes.use('SQLite', (lane) => runOutage(lane, OUTAGE_MS)));
    });

    for (const { fault, seed, journal } of tries) {
      it(`${fault.victim}: ${fault.title} (seed ${seed}, journal in ${journal})`, async () => {
        check(await lanes.use(journal, (lane) => tryFault(lane, fault, seed)));
      });
    }

    it.runIf(disk)(
      'the disk of the journal, which is full (where this user may mount)',
      async () => {
        if (disk === undefined) throw new Error('no disk');
        const lane = await Lane.open(inSqlite(disk.folder));
        try {
          for (const seed of seeds(isWhole ? OTHER_TRIES : 1)) {
            check(await tryFault(lane, diskFullBeforeRequest(disk), seed));
            check(await tryFault(lane, diskFullBeforeAnswer(disk), seed));
          }
        } finally {
          await lane.close();
        }
      },
    );
  },
);

function seeds(count: number): readonly number[] {
  return Array.from({ length: count }, (_, index) => FIRST_SEED + index);
}

/** Part of a campaign (`vitest -t …`) would make a table that hides the rest. */
function hasResult({ fault, seed }: (typeof tries)[number]): boolean {
  const { title, victim } = fault;
  return results.some(
    (result) => result.title === title && result.victim === victim && result.seed === seed,
  );
}

function check(outcomes: readonly TryResult[]): void {
  results.push(...outcomes);
  expect(outcomes.filter(({ broken }) => broken.length > 0)).toEqual([]);
}
