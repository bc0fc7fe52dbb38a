import { setTimeout as delay } from 'node:timers/promises';
import { FORCED_SPACING_MS } from '../../src/policy/keeper-numbers.js';
import { KeeperFleet } from '../fleet/keepers.js';
import { compare, type Metric } from '../measure/comparison.js';
import { interleaved, type Sample } from '../measure/rounds.js';
import { CallLog, timedCall } from '../measure/call-log.js';
import type { BenchContext, Question } from '../question.js';
import { figure } from '../report/figures.js';

const ID = 'storm/one';
const CLIENTS = 4;
const CALLERS = { quick: 100, medium: 1_000, full: 1_000 } as const;

const METRICS: readonly Metric[] = [
  { key: 'requests', title: 'Requests to the provider', unit: 'requests', better: 'less' },
  { key: 'p50', title: 'Wait of a caller, median', unit: 'ms', better: 'less' },
  { key: 'p99', title: 'Wait of a caller, 99th percentile', unit: 'ms', better: 'less' },
  { key: 'failed', title: 'Callers without a token', unit: 'callers', better: 'less' },
];

/** Many callers find one token wanting at the same moment. */
export const stormQuestion: Question = {
  name: 'storm',
  title: 'A storm of forced refreshes',
  asks: `Callers in ${CLIENTS} clients force a refresh of the same token of one credential at once; all of them want its successor. Beside it, one caller alone.`,
  rounds: { quick: 2, medium: 2, full: 5 },
  limitMinutes: { quick: 5, medium: 15, full: 20 },
  run: async (context) => {
    const { server, folder, provider, teardown } = context;
    const callers = CALLERS[context.size];
    const fleet = await KeeperFleet.open(server, folder);
    teardown.add(() => fleet.close());
    await fleet.startWorker();
    await fleet.apply([provider.credential(ID, { lifetimeSeconds: 3_600 })]);
    const storm = `${callers} callers`;
    const samples = await interleaved(context.progress, context.rounds, [
      { name: 'one caller', measure: () => force(context, fleet, 1) },
      { name: storm, measure: () => force(context, fleet, callers) },
    ]);
    const comparisons = compare(samples, METRICS);
    const most = comparisons[0]?.sides.find(({ side }) => side === storm)?.high ?? Number.NaN;
    const failed = comparisons[3]?.sides.find(({ side }) => side === storm)?.high ?? Number.NaN;
    return {
      comparisons,
      checks: [
        {
          promise: `${callers} forced refreshes of one token make one request, and all get its successor`,
          seen: `${figure(most)} at most, ${figure(failed)} callers without a token`,
          holds: most === 1 && failed === 0,
        },
      ],
    };
  },
};

async function force(
  { provider }: BenchContext,
  fleet: KeeperFleet,
  callers: number,
): Promise<Sample> {
  const clients = await Promise.all(Array.from({ length: CLIENTS }, () => fleet.connect()));
  try {
    const [first] = clients;
    const generation = (await first?.get(ID))?.generation ?? 0;
    // Two forced refreshes are this far apart, whoever wants them.
    await delay(FORCED_SPACING_MS);
    await provider.takeRequests();
    const calls = new CallLog();
    await Promise.all(
      Array.from({ length: callers }, (_, index) =>
        timedCall(calls, async () => {
          const fresh = await clients[index % CLIENTS]?.refresh(ID, {
            afterGeneration: generation,
          });
          if (fresh?.generation !== generation + 1) throw new Error('not the successor');
        }),
      ),
    );
    return { ...calls.sample(), requests: (await provider.takeRequests()).length };
  } finally {
    await Promise.all(clients.map((client) => client.close()));
  }
}
