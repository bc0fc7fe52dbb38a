import { setTimeout as delay } from 'node:timers/promises';
import {
  LEAD_JITTER_SHARE,
  LEAD_MAX_MS,
  LEAD_SHARE_OF_LIFE,
} from '../../src/policy/attempt-numbers.js';
import { KeeperFleet } from '../fleet/keepers.js';
import { quantile, rankCorrelation } from '../measure/statistics.js';
import { until } from '../measure/until.js';
import { untilAsleep } from '../measure/until-asleep.js';
import type { ProviderRequest } from '../provider/messages.js';
import type { SeedToken } from '../provider/seed-jwt.js';
import type { BenchContext, Findings, Question } from '../question.js';
import { figure } from '../report/figures.js';
import {
  expiredBeforeTheirTurn,
  expiredInOrder,
  mostInASecond,
  type Served,
  servedCurve,
  unavoidablyExpired,
} from './herd/served.js';

const MINUTE_MS = 60_000;

/**
 * The cap of `medium` is below what a server of two cores refreshes, so that it is what holds the herd back. The last one
 * expires before a lead is over that starts with the worker, so that all are due.
 */
const SIZES = {
  quick: {
    keepers: 100,
    cap: 6,
    lifeMs: 10 * MINUTE_MS,
    firstExpiryMs: 10_000,
    lastExpiryMs: 55_000,
    limitMs: 2 * MINUTE_MS,
  },
  medium: {
    keepers: 1_000,
    cap: 6,
    lifeMs: 60 * MINUTE_MS,
    firstExpiryMs: 30_000,
    lastExpiryMs: 280_000,
    limitMs: 10 * MINUTE_MS,
  },
  full: {
    keepers: 5_000,
    cap: 100,
    lifeMs: 60 * MINUTE_MS,
    firstExpiryMs: 30_000,
    lastExpiryMs: 280_000,
    limitMs: 30 * MINUTE_MS,
  },
} as const;

/** What `docs/configuration.md` advises: two clocks are never exactly alike. */
const LIMIT_SHARE_OF_CAP = 0.9;
/** So many of a hundred have expired before the worker comes back, within the last `EXPIRED_WITHIN_MS`. */
const EXPIRED_OF_HUNDRED = 10;
const EXPIRED_WITHIN_MS = 20_000;
/** Keepers that are started and put to sleep in a second, at least. */
const PUT_TO_SLEEP_PER_SECOND = 9;
const SPARE_MS = 10_000;
/** From -1, the reverse, to 1, the same order. */
const ORDER_PROMISED = 0.9;

/** What happens when a whole fleet is due at one moment. */
export const herdQuestion: Question = {
  name: 'herd',
  title: 'All due at once',
  asks:
    'Keepers sleep, and their only worker goes away until all of them are due and a tenth has expired. Then a worker starts, with a rate limit a tenth below that of the provider, ' +
    'which answers what comes beyond its own within a second with 429. Expiries are spread at random.',
  rounds: { quick: 1, medium: 1, full: 1 },
  limitMinutes: { quick: 8, medium: 30, full: 60 },
  run: async (context) => {
    const { server, folder, provider, progress, teardown } = context;
    const { keepers, cap, limitMs } = SIZES[context.size];
    const fleet = await KeeperFleet.open(server, folder, {
      env: { EVERTOKEN_RATE_LIMITS: `oauth2=${cap * LIMIT_SHARE_OF_CAP}` },
    });
    teardown.add(() => fleet.close());
    const awayAtMs = Date.now() + SPARE_MS + (keepers / PUT_TO_SLEEP_PER_SECOND) * 1_000;
    const backAtMs = awayAtMs + longestLeadMs(context) + EXPIRED_WITHIN_MS;
    const seeds = new Map<string, SeedToken>(
      Array.from({ length: keepers }, (_, index) => [
        `herd/${index}`,
        seed(context, index, backAtMs),
      ]),
    );
    progress.say(`${keepers} keepers go to sleep`);
    await fleet.startWorker();
    await fleet.apply(
      [...seeds].map(([id, token]) =>
        provider.credential(id, { lifetimeSeconds: 3_600, seed: token }),
      ),
    );
    // Before the worker goes: a look at thousands takes a while, and the first are due soon after.
    await untilAsleep(awayAtMs, fleet.ids, (left) => fleet.waiting(left));
    await fleet.killWorkers();
    progress.say(`no worker for ${figure((backAtMs - Date.now()) / 1_000)} s`);
    await delay(backAtMs - Date.now());
    provider.cap(cap);
    progress.say('a worker starts');
    const startedAtMs = Date.now();
    await fleet.startWorker();
    const isDrained = await until(async () => (await provider.grantedCount()) >= keepers, limitMs);
    await delay(2_000);
    const requests = await provider.takeRequests();
    return findings(context, seeds, requests, { startedAtMs, isDrained });
  },
};

/** No keeper is due before so long until its token expires. */
function longestLeadMs({ size }: BenchContext): number {
  const leadMs = Math.min(SIZES[size].lifeMs * LEAD_SHARE_OF_LIFE, LEAD_MAX_MS);
  return leadMs * (1 + LEAD_JITTER_SHARE);
}

function seed({ size }: BenchContext, index: number, backAtMs: number): SeedToken {
  const { lifeMs, firstExpiryMs, lastExpiryMs } = SIZES[size];
  const isExpired = index % 100 < EXPIRED_OF_HUNDRED;
  const sinceBack = isExpired
    ? -Math.random() * EXPIRED_WITHIN_MS
    : firstExpiryMs + Math.random() * (lastExpiryMs - firstExpiryMs);
  // A token says whole seconds.
  const expiresAtMs = Math.floor((backAtMs + sinceBack) / 1_000) * 1_000;
  return { issuedAtMs: expiresAtMs - lifeMs, expiresAtMs };
}

function findings(
  { size, progress }: BenchContext,
  seeds: ReadonlyMap<string, SeedToken>,
  requests: readonly ProviderRequest[],
  { startedAtMs, isDrained }: { readonly startedAtMs: number; readonly isDrained: boolean },
): Findings {
  const { keepers, cap } = SIZES[size];
  const granted = requests.filter(({ outcome }) => outcome === 'granted');
  const overCap = requests.filter(({ outcome }) => outcome === 'over-cap').length;
  const first = new Map<string, number>();
  for (const { id, atMs } of granted) if (!first.has(id)) first.set(id, atMs);
  const served = [...seeds].flatMap(([id, { expiresAtMs }]): Served[] => {
    const atMs = first.get(id);
    return atMs === undefined ? [] : [{ expiresAtMs, atMs }];
  });
  const order = rankCorrelation(served.map(({ expiresAtMs, atMs }) => [expiresAtMs, atMs]));
  const expired = expiredBeforeTheirTurn(served, startedAtMs);
  const unavoidable = unavoidablyExpired(served, startedAtMs);
  const seconds = (Math.max(...served.map(({ atMs }) => atMs)) - startedAtMs) / 1_000;
  progress.say(`${served.length} served in ${figure(seconds)} s`);
  return {
    tables: [
      {
        title: 'The herd',
        headings: ['Figure', 'Value'],
        rows: [
          ['keepers served', `${served.length} of ${keepers}`],
          ['time until the last', `${figure(seconds)} s`],
          ['refreshes a second', figure(served.length / seconds)],
          ['most in one second of the provider’s clock', String(mostInASecond(granted))],
          ['turned away by 429', String(overCap)],
          ['refreshed more than once', String(granted.length - first.size)],
          ['expired while they waited', String(expired)],
          ['those that had to, with the best order', String(unavoidable)],
          [
            'those that would have in the order of expiry',
            String(expiredInOrder(served, startedAtMs)),
          ],
          ['order against expiry (Spearman, 1 is perfect)', figure(order)],
          [
            'wait of half of them',
            `${figure(
              quantile(
                served.map(({ atMs }) => atMs - startedAtMs),
                0.5,
              ) / 1_000,
            )} s`,
          ],
        ],
      },
    ],
    curves: [
      {
        title: 'Served over time',
        x: 'seconds since the worker started',
        y: 'keepers',
        lines: [{ label: 'served', points: servedCurve(served, startedAtMs) }],
      },
    ],
    checks: [
      { promise: 'nothing over the cap', seen: `${overCap} turned away`, holds: overCap === 0 },
      {
        promise: 'nothing expires that need not',
        seen: `${expired} expired, ${unavoidable} had to`,
        holds: expired <= unavoidable,
      },
      {
        promise: `order by expiry (Spearman at least ${ORDER_PROMISED})`,
        seen: figure(order),
        holds: order >= ORDER_PROMISED,
      },
      {
        promise: 'all are served, none twice',
        seen: `${served.length} of ${keepers}, ${granted.length - first.size} twice${isDrained ? '' : ', then time was up'}`,
        holds: served.length === keepers && granted.length === first.size,
      },
    ],
    notes: [
      `The provider takes ${cap} requests a second, and the rate limit is ${figure(cap * LIMIT_SHARE_OF_CAP)}. Where fewer were served, the machine was what the herd waited for.`,
    ],
  };
}
