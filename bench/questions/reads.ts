import { setTimeout as delay } from 'node:timers/promises';
import { KeeperFleet } from '../fleet/keepers.js';
import { compare, type Metric, ratioOf } from '../measure/comparison.js';
import { required } from '../measure/until.js';
import type { Check, Question } from '../question.js';
import { figure } from '../report/figures.js';
import { measureCached } from './reads/cached.js';
import { measureCold } from './reads/cold.js';
import { measureProcess } from './reads/process.js';
import { freshRows, readByFreshClients } from './reads/fresh-clients.js';
import { READ_SIZES } from './reads/sizes.js';

/** Longest 99th percentile of a read that waits for nobody. */
const READ_P99_MS = 500;
const PROCESS_RATIO = 1.3;
const WARM_UP_MS = 600_000;
/** For so long refreshes are counted before the reads, which would take their share of the server. */
const LOAD_MS = 30_000;
/** Of the refreshes that are due, a saturated server makes fewer than this share, and an idle fleet makes none. */
const SATURATED_SHARES = { atLeast: 0.25, below: 0.9 } as const;

const CACHED: readonly Metric[] = [
  { key: 'callsPerSecond', title: 'Cached reads', unit: 'per second', better: 'more' },
];
const COLD: readonly Metric[] = [
  { key: 'p50', title: 'Cold read, median', unit: 'ms', better: 'less' },
  { key: 'p99', title: 'Cold read, 99th percentile', unit: 'ms', better: 'less' },
];
const PROCESS: readonly Metric[] = [
  { key: 'ms', title: 'Read by a process', unit: 'ms', better: 'less' },
];

/** What a read costs, and whose fate it shares. */
export const readsQuestion: Question = {
  name: 'reads',
  title: 'Reading tokens',
  asks:
    'Cached: `get` of a token that the process knows, against a `Map` and google-auth-library’s `getAccessToken`. Cold: the first `get` of a token, against a query of a bare workflow. ' +
    'Fresh clients: each connects, reads one token and closes, eight at once, while the refreshes of many keepers saturate the server, and with every worker dead; in turn with a bare `DescribeWorkflowExecution` by fresh clients.',
  rounds: { quick: 2, medium: 2, full: 5 },
  limitMinutes: { quick: 10, medium: 30, full: 60 },
  run: async (context) => {
    const { server, folder, provider, progress, rounds, teardown } = context;
    const { sleeping, saturating, lifetimeSeconds, processes } = READ_SIZES[context.size];
    const fleet = await KeeperFleet.open(server, folder);
    teardown.add(() => fleet.close());
    await fleet.startWorker();
    progress.say(`${sleeping} keepers to read from`);
    const asleep = Array.from({ length: sleeping }, (_, index) => `asleep/${index}`);
    await fleet.apply(asleep.map((id) => provider.credential(id, { lifetimeSeconds: 3_600 })));
    await required(
      'their tokens',
      async () => (await provider.grantedCount()) >= sleeping,
      WARM_UP_MS,
    );

    const cached = compare(
      await measureCached(context, fleet, asleep[0] ?? ''),
      CACHED,
      'google-auth-library',
    );
    const cold = compare(
      await measureCold(context, fleet, asleep),
      COLD,
      'query of a bare workflow',
    );
    const byProcess = compare(
      await measureProcess({ ...context, rounds: rounds * processes }, fleet, asleep[0] ?? ''),
      PROCESS,
      'bare call from a script',
    );

    progress.say(`${saturating} keepers that saturate the server`);
    const busy = Array.from({ length: saturating }, (_, index) => `busy/${index}`);
    await provider.takeRequests();
    // At half of their lives, so that what waits for a saturated server does not die of it.
    const refresh = { lead: `${lifetimeSeconds / 2}s` };
    await fleet.apply(
      busy.map((id) => ({ ...provider.credential(id, { lifetimeSeconds }), refresh })),
    );
    await required(
      'a first token and two refreshes of each',
      async () => (await provider.grantedCount()) >= 3 * saturating,
      WARM_UP_MS,
    );
    await provider.takeRequests();
    const startedAt = performance.now();
    await delay(LOAD_MS);
    const perSecond =
      (await provider.takeRequests()).length / ((performance.now() - startedAt) / 1_000);
    const underLoad = await readByFreshClients(context, fleet, busy);
    const offered = saturating / (lifetimeSeconds / 2);

    progress.say('every worker is killed');
    await fleet.killWorkers();
    const withoutWorkers = await readByFreshClients(context, fleet, asleep);

    const share = perSecond / offered;
    const isSaturated = share >= SATURATED_SHARES.atLeast && share < SATURATED_SHARES.below;
    const load = `${figure(perSecond)} refreshes a second of ${figure(offered)} that were due`;
    return {
      comparisons: [...cached, ...cold, ...byProcess],
      tables: [
        {
          title: 'Reads by fresh clients',
          headings: ['While', 'Reads', 'Failed', 'Median ms', 'p99 ms'],
          rows: [
            ...freshRows(`${isSaturated ? 'saturated' : 'under load'} (${load})`, underLoad),
            ...freshRows('every worker dead', withoutWorkers),
          ],
        },
      ],
      checks: [
        {
          promise: 'a cached `get` is at least as fast as google-auth-library’s',
          seen: `${figure(ratioOf(cached, 'callsPerSecond', 'evertoken'))} times as fast`,
          holds: ratioOf(cached, 'callsPerSecond', 'evertoken') >= 1,
        },
        {
          promise: `\`evertoken token\` takes at most ${PROCESS_RATIO} of the bare call from a script`,
          seen: figure(ratioOf(byProcess, 'ms', 'evertoken token')),
          holds: ratioOf(byProcess, 'ms', 'evertoken token') <= PROCESS_RATIO,
        },
        readCheck(
          'under saturation',
          underLoad.get.sample(),
          isSaturated ? '' : ', but not saturated',
          isSaturated,
        ),
        readCheck('with every worker dead', withoutWorkers.get.sample(), '', true),
      ],
      notes: [
        ...new Set([...underLoad.get.failures, ...withoutWorkers.get.failures].map(withoutFacts)),
      ].map((failure) => `A read failed: ${failure}`),
    };
  },
};

/** Which credential it was does not matter. */
function withoutFacts(failure: string): string {
  return failure.replace(/ \[.*\]/, '');
}

function readCheck(
  when: string,
  { p99, failed }: { readonly p99: number; readonly failed: number },
  remark: string,
  isMeant: boolean,
): Check {
  return {
    promise: `cold reads by fresh clients ${when}: none fails, p99 under ${READ_P99_MS} ms`,
    seen: `${failed} failed, p99 ${figure(p99)} ms${remark}`,
    holds: isMeant && failed === 0 && p99 < READ_P99_MS,
  };
}
