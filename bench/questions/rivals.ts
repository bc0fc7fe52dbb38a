import { setTimeout as delay } from 'node:timers/promises';
import { compare, type Metric } from '../measure/comparison.js';
import { AFTER_WINDOW_MS, latenessWithin } from '../measure/planned-turns.js';
import { cpuMs } from '../measure/processes.js';
import { interleaved, type Sample } from '../measure/rounds.js';
import { startedInTurn } from '../measure/started-in-turn.js';
import { quantile } from '../measure/statistics.js';
import { CallLog, timedCall } from '../measure/call-log.js';
import { required } from '../measure/until.js';
import type { BenchContext, Question } from '../question.js';
import type { Rival, RivalGrants } from '../rivals/rival.js';
import { type RivalEntry, RIVALS } from '../rivals/rivals.js';

/** Windows are whole periods, so that each is due as often as any other. */
const SIZES = {
  quick: { credentials: 30, windowMs: 10_000, reads: 30 },
  medium: { credentials: 500, windowMs: 50_000, reads: 500 },
  full: { credentials: 500, windowMs: 50_000, reads: 500 },
} as const;

const WARM_UP_MS = 300_000;
/** From the read of the plans until the window: what was due meanwhile has come, and had another plan. */
const SETTLE_MS = 2_000;

/** As often as a keeper refreshes at most: more than a server of two cores bears with 500 credentials. */
const BUSY: RivalGrants = { lifetimeSeconds: 20, periodMs: 10_000 };
/** A sixth of that, which leaves everybody time: a keeper refreshes such a token 30 seconds before its end. */
const CALM: RivalGrants = { lifetimeSeconds: 90, periodMs: 60_000 };

const METRICS: readonly Metric[] = [
  { key: 'turnsPerSecond', title: 'Refreshes', unit: 'per second', better: 'more' },
  { key: 'storeMs', title: 'CPU of the store per refresh', unit: 'ms', better: 'less' },
  { key: 'workerMs', title: 'CPU of the worker per refresh', unit: 'ms', better: 'less' },
  { key: 'lateP50', title: 'Lateness, median', unit: 'ms', better: 'less' },
  { key: 'lateP99', title: 'Lateness, 99th percentile', unit: 'ms', better: 'less' },
  { key: 'seen', title: 'Refreshes whose lateness was seen', unit: 'refreshes', better: 'more' },
  { key: 'p50', title: 'Cold read, median', unit: 'ms', better: 'less' },
  { key: 'p99', title: 'Cold read, 99th percentile', unit: 'ms', better: 'less' },
];

/** What one would build instead, at work. */
export const rivalsQuestion: Question = {
  name: 'rivals',
  title: 'What one would build instead',
  asks:
    'As many credentials on BullMQ with Redis (a job scheduler each) and on pg-boss with PostgreSQL (a deferred job each, sent in the transaction that stores the token), each as its documentation advises. ' +
    'Refreshes a second with all of them due every 10 s; lateness and reads with all of them due every 60 s; each from a random moment on.',
  rounds: { quick: 1, medium: 1, full: 3 },
  limitMinutes: { quick: 10, medium: 30, full: 60 },
  run: async (context) => {
    const samples = await interleaved(
      context.progress,
      context.rounds,
      RIVALS.map((entry) => ({
        name: entry.name,
        measure: async (round) => ({
          ...(await busy(context, entry, round)),
          ...(await calm(context, entry, round)),
        }),
      })),
    );
    const { credentials } = SIZES[context.size];
    return {
      comparisons: compare(samples, METRICS, 'BullMQ'),
      notes: [
        `${credentials} credentials: ${credentials / 10} refreshes a second are due in the first part, ${Math.round(credentials / 60)} in the second.`,
        'BullMQ and pg-boss hold tokens in plain text and keep no record of requests; evertoken seals them and writes its journal. What that is worth, the kill question shows.',
        'Lateness is that of refreshes planned within one period. Requests of the rivals say their plan; that of a keeper is read before, so one that is due between that read and the period is left out.',
        'pg-boss fetches every half second, the shortest that it allows: that is its lateness. Reads of the rivals are one HGET and one SELECT.',
        'pg-boss 10 is the newest that runs on Node.js 20; from 12 on it has heartbeats.',
      ],
    };
  },
};

async function busy(context: BenchContext, entry: RivalEntry, round: number): Promise<Sample> {
  return withRival(context, entry, round, BUSY, async (rival) => {
    const storeBefore = cpuMs(rival.storePids);
    const workerBefore = cpuMs(rival.workerPids);
    await context.provider.takeRequests();
    const startedAt = performance.now();
    await delay(SIZES[context.size].windowMs);
    const seconds = (performance.now() - startedAt) / 1_000;
    const storeMs = cpuMs(rival.storePids) - storeBefore;
    const workerMs = cpuMs(rival.workerPids) - workerBefore;
    const turns = (await context.provider.takeRequests()).filter(
      ({ outcome }) => outcome === 'granted',
    ).length;
    return {
      turnsPerSecond: turns / seconds,
      storeMs: storeMs / turns,
      workerMs: workerMs / turns,
    };
  });
}

async function calm(context: BenchContext, entry: RivalEntry, round: number): Promise<Sample> {
  return withRival(context, entry, round, CALM, async (rival, ids) => {
    const calls = new CallLog();
    for (const id of ids.slice(0, SIZES[context.size].reads)) {
      await timedCall(calls, () => rival.read(id));
    }
    const plans = await rival.plans?.(ids);
    await context.provider.takeRequests();
    const fromMs = Date.now() + SETTLE_MS;
    // One period, in which each is due once.
    const untilMs = fromMs + CALM.periodMs;
    await delay(untilMs + AFTER_WINDOW_MS - Date.now());
    const late = latenessWithin({ fromMs, untilMs }, await context.provider.takeRequests(), plans);
    const { p50, p99, failed } = calls.sample();
    if (failed > 0) throw new Error(`${failed} reads failed: ${calls.failures[0] ?? ''}`);
    return {
      ...{ p50, p99, seen: late.length },
      ...{ lateP50: quantile(late, 0.5), lateP99: quantile(late, 0.99) },
    };
  });
}

/** Lets one of them keep credentials, and measures once each of these has a token. */
async function withRival(
  context: BenchContext,
  { name, open }: RivalEntry,
  round: number,
  grants: RivalGrants,
  measure: (rival: Rival, ids: readonly string[]) => Promise<Sample>,
): Promise<Sample> {
  const { provider } = context;
  const count = SIZES[context.size].credentials;
  const rival = await open(context, provider);
  try {
    await rival.startWorker();
    const prefix = `${name.toLowerCase()}/${grants.periodMs}/${round}`;
    const ids = Array.from({ length: count }, (_, index) => `${prefix}/${index}`);
    await provider.takeRequests();
    await addSpread(rival, ids, grants);
    await required(
      'a token of each',
      async () => (await provider.grantedCount()) >= count,
      WARM_UP_MS,
    );
    // The last of them is on its way to where it is read.
    await required(
      'the last token in the store',
      () => hasToken(rival, ids.at(-1) ?? ''),
      WARM_UP_MS,
    );
    return await measure(rival, ids);
  } finally {
    await rival.close();
    await provider.takeRequests();
  }
}

/**
 * At random moments of one period, so that from then on as many are due in each second as in any other. Those that began
 * together would come together, and a window would see one such burst more or less.
 */
async function addSpread(rival: Rival, ids: readonly string[], grants: RivalGrants): Promise<void> {
  const moments = ids.map(() => Math.random() * grants.periodMs).sort((one, other) => one - other);
  await startedInTurn(moments, (index) => rival.add([ids[index] ?? ''], grants));
}

async function hasToken(rival: Rival, id: string): Promise<boolean> {
  return (await rival.read(id).catch(() => '')) !== '';
}
