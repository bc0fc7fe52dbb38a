import { afterAll, describe, expect, it } from 'vitest';
import { Lanes } from './lanes.js';
import { PLAN } from './plan.js';
import { recorded } from './results.js';
import { tryFault } from './fault-try.js';

/** `npm run faults` tries every fault often; `npm test` tries some of them once. */
const isWhole = process.env['FAULTS'] === 'all';
const FIRST_SEED = Number(process.env['FAULTS_SEED'] ?? 1);

const tries = PLAN.flatMap(({ fault, tries: count, isQuick }) =>
  Array.from({ length: isWhole ? count : Number(isQuick) }, (_, index) => ({
    fault,
    seed: FIRST_SEED + index,
    title: `${fault.title} (${fault.victim}, seed ${FIRST_SEED + index})`,
  })),
);

const lanes = new Lanes();
afterAll(() => lanes.close());

describe.concurrent('nothing is lost and nothing spent twice', { timeout: 600_000 }, () => {
  it.each(tries)('$title', async ({ fault, seed }) => {
    const results = await lanes.use((lane) => tryFault(lane, fault, seed));
    recorded.push(...results);
    expect(results.filter(({ broken }) => broken.length > 0)).toEqual([]);
  });
});
