import { setTimeout as delay } from 'node:timers/promises';
import { KeeperFleet } from '../fleet/keepers.js';
import { quantile, rankCorrelation } from '../measure/statistics.js';
import { until } from '../measure/until.js';
import type { ProviderRequest } from '../provider/messages.js';
import type { SeedToken } from '../provider/seed-jwt.js';
import type { BenchContext, Findings, Question } from '../question.js';
import { figure } from '../report/figures.js';

const SIZES = {
  quick: { keepers: 200, cap: 20, firstExpiryMs: 20_000, lastExpiryMs: 90_000, limitMs: 120_000 },
  // The cap is below what a server of two cores refreshes, so that it is what holds the herd back.
  medium: {
    keepers: 1_000,
    cap: 6,
    firstExpiryMs: 30_000,
    lastExpiryMs: 280_000,
    limitMs: 600_000,
  },
  full: {
    keepers: 5_000,
    cap: 100,
    firstExpiryMs: 30_000,
    lastExpiryMs: 280_000,
    limitMs: 1_800_000,
  },
} as const;

/** So many of a hundred have expired before the worker comes. */
const EXPIRED_OF_HUNDRED = 10;
/** With an hour of life the lead is at least five minutes: all of them are due. */
const LIFE_MS = 3_600_000;
/** Keepers that are started in a second, about; they are to be there when the worker comes. */
const STARTED_PER_SECOND = 30;
/** From -1, the reverse, to 1, the same order. */
const ORDER_PROMISED = 0.9;

/** One credential of the herd, and when it was served. */
interface Served {
  readonly expiresAtMs: number;
  readonly atMs: number;
}

/** What happens when a whole fleet is due at one moment. */
export const herdQuestion: Question = {
  name: 'herd',
  title: 'All due at once',
  asks:
    'Keepers that no worker served, as after an outage: all of them are due and a tenth has expired. Then a worker starts, with a rate limit that the provider enforces too: ' +
    'what comes beyond it within a second is answered with 429. Expiries are spread at random.',
  rounds: { quick: 1, medium: 1, full: 1 },
  limitMinutes: { quick: 8, medium: 30, full: 60 },
  run: async (context) => {
    const { server, folder, provider, progress, teardown } = context;
    const { keepers, cap, limitMs } = SIZES[context.size];
    const fleet = await KeeperFleet.open(server, folder, {
      env: { EVERTOKEN_RATE_LIMITS: `oauth2=${cap}` },
    });
    teardown.add(() => fleet.close());
    const startsAtMs = Date.now() + 5_000 + (keepers / STARTED_PER_SECOND) * 1_000;
    const seeds = new Map<string, SeedToken>(
      Array.from({ length: keepers }, (_, index) => [
        `herd/${index}`,
        seed(context, index, startsAtMs),
      ]),
    );
    progress.say(`${keepers} keepers, and no worker`);
    await fleet.apply(
      [...seeds].map(([id, token]) =>
        provider.credential(id, { lifetimeSeconds: 3_600, seed: token }),
      ),
    );
    const lateMs = Math.max(Date.now() - startsAtMs, 0);
    await delay(Math.max(startsAtMs - Date.now(), 0));
    provider.cap(cap);
    progress.say('a worker starts');
    const startedAtMs = Date.now();
    await fleet.startWorker();
    const isDrained = await until(async () => {
      return (await provider.requestCount()) >= keepers;
    }, limitMs);
    await delay(2_000);
    const requests = await provider.takeRequests();
    return findings(context, seeds, requests, { startedAtMs, lateMs, isDrained });
  },
};

function seed({ size }: BenchContext, index: number, startsAtMs: number): SeedToken {
  const { firstExpiryMs, lastExpiryMs } = SIZES[size];
  const isExpired = index % 100 < EXPIRED_OF_HUNDRED;
  const sinceStart = isExpired
    ? -Math.random() * 60_000
    : firstExpiryMs + Math.random() * (lastExpiryMs - firstExpiryMs);
  const expiresAtMs = startsAtMs + sinceStart;
  return { issuedAtMs: expiresAtMs - LIFE_MS, expiresAtMs };
}

function findings(
  { size, progress }: BenchContext,
  seeds: ReadonlyMap<string, SeedToken>,
  requests: readonly ProviderRequest[],
  {
    startedAtMs,
    lateMs,
    isDrained,
  }: { readonly startedAtMs: number; readonly lateMs: number; readonly isDrained: boolean },
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
      `The provider takes ${cap} requests a second.`,
      ...(lateMs > 0
        ? [
            `The keepers were started ${figure(lateMs / 1_000)} s later than planned, so more had expired.`,
          ]
        : []),
    ],
  };
}

/** Of those that lived when the worker started. */
function expiredBeforeTheirTurn(served: readonly Served[], startedAtMs: number): number {
  return served.filter(({ expiresAtMs, atMs }) => expiresAtMs > startedAtMs && atMs > expiresAtMs)
    .length;
}

/**
 * How many had to expire, with the same moments of service: those that have expired are served first, then each takes the
 * next moment if that is in time. One that cannot be in time takes none from the others (Moore and Hodgson's rule).
 */
function unavoidablyExpired(served: readonly Served[], startedAtMs: number): number {
  const moments = served.map(({ atMs }) => atMs).sort((left, right) => left - right);
  const living = served
    .map(({ expiresAtMs }) => expiresAtMs)
    .filter((expiresAtMs) => expiresAtMs > startedAtMs)
    .sort((left, right) => left - right);
  let next = served.length - living.length;
  let expired = 0;
  for (const expiresAtMs of living) {
    if ((moments[next] ?? Number.POSITIVE_INFINITY) > expiresAtMs) expired += 1;
    else next += 1;
  }
  return expired;
}

function mostInASecond(granted: readonly ProviderRequest[]): number {
  const seconds = new Map<number, number>();
  for (const { atMs } of granted) {
    const second = Math.floor(atMs / 1_000);
    seconds.set(second, (seconds.get(second) ?? 0) + 1);
  }
  return Math.max(0, ...seconds.values());
}

function servedCurve(
  served: readonly Served[],
  startedAtMs: number,
): readonly (readonly [number, number])[] {
  const moments = served.map(({ atMs }) => (atMs - startedAtMs) / 1_000).sort((a, b) => a - b);
  return [0.1, 0.25, 0.5, 0.75, 0.9, 1].map((share) => [
    Math.max(Math.round(quantile(moments, share)), 1),
    Math.round(share * moments.length),
  ]);
}
