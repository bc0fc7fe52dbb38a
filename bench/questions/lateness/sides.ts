import { setTimeout as delay } from 'node:timers/promises';
import { UNFORCED_SPACING_MS } from '../../../src/policy/keeper-numbers.js';
import { BareLoops } from '../../bare/bare-loops.js';
import { KeeperFleet } from '../../fleet/keepers.js';
import { AFTER_WINDOW_MS, latenessWithin } from '../../measure/planned-turns.js';
import type { Sample } from '../../measure/rounds.js';
import { quantile } from '../../measure/statistics.js';
import { startedInTurn } from '../../measure/started-in-turn.js';
import { untilAsleep } from '../../measure/until-asleep.js';
import type { ProviderRequest } from '../../provider/messages.js';
import type { BenchContext } from '../../question.js';
import {
  firstTurnAtMs,
  type FleetSize,
  periodMs,
  type Schedule,
  scheduleFrom,
  seedToken,
  startMoments,
} from './schedule.js';

/** So many turn until all others are asleep, or the first of these would meet a worker that never did anything. */
const WARMING = 20;
/** Half of such a life is the lead, so those that warm the worker turn as often as a keeper lets them. */
const WARMING_LIFETIME_SECONDS = (2 * UNFORCED_SPACING_MS) / 1_000;

/** How late the turns of bare loops begin. */
export async function bareLateness(context: BenchContext, size: FleetSize): Promise<Sample> {
  const { server, folder, bareBundle, client, provider } = context;
  const loops = await BareLoops.open(server, folder, bareBundle, client, {
    periodMs: periodMs(size),
    parts: ['request'],
    url: provider.baseUrl,
  });
  try {
    const schedule = scheduleFrom(Date.now(), size);
    const warming = await loops.start(WARMING, () => ({ periodMs: UNFORCED_SPACING_MS }));
    const ids: string[] = [];
    await startedInTurn(startMoments(size), async () => {
      const firstAtMs = firstTurnAtMs(schedule, size);
      ids.push(...(await loops.start(1, () => ({ firstAtMs }))));
    });
    await untilAsleep(schedule.asleepByMs, ids, (left) => loops.waiting(left));
    await loops.end(warming);
    return sampleOf(latenessWithin(schedule, await requestsUntilOver(context, schedule)));
  } finally {
    await loops.close();
    await provider.takeRequests();
  }
}

/** How late the refreshes of keepers begin. */
export async function keeperLateness(
  context: BenchContext,
  size: FleetSize,
  round: number,
): Promise<Sample> {
  const { server, folder, provider } = context;
  const fleet = await KeeperFleet.open(server, folder);
  try {
    await fleet.startWorker();
    const schedule = scheduleFrom(Date.now(), size);
    const prefix = `late/${size.keepers}/${round}`;
    const warming = Array.from({ length: WARMING }, (_, index) => `${prefix}/warming/${index}`);
    await fleet.apply(
      warming.map((id) => provider.credential(id, { lifetimeSeconds: WARMING_LIFETIME_SECONDS })),
    );
    const ids = Array.from({ length: size.keepers }, (_, index) => `${prefix}/${index}`);
    await startedInTurn(startMoments(size), (index) =>
      fleet.apply([
        provider.credential(ids[index] ?? '', { ...size, seed: seedToken(schedule, size) }),
      ]),
    );
    await provider.takeRequests();
    const plans = new Map<string, number>();
    await untilAsleep(schedule.asleepByMs, ids, async (left) => {
      for (const [id, plan] of await fleet.plannedRefreshes(left)) plans.set(id, plan);
      return left.filter((id) => !plans.has(id));
    });
    await fleet.end(warming);
    return sampleOf(latenessWithin(schedule, await requestsUntilOver(context, schedule), plans));
  } finally {
    await fleet.close();
    await provider.takeRequests();
  }
}

async function requestsUntilOver(
  { provider, progress }: BenchContext,
  { fromMs, untilMs }: Schedule,
): Promise<readonly ProviderRequest[]> {
  await delay(Math.max(fromMs - Date.now(), 0));
  progress.say(`looks for ${(untilMs - fromMs) / 1_000} s`);
  await delay(untilMs + AFTER_WINDOW_MS - Date.now());
  return provider.takeRequests();
}

function sampleOf(lateness: readonly number[]): Sample {
  if (lateness.length === 0) throw new Error('nothing was due while it was measured');
  return {
    p50: quantile(lateness, 0.5),
    p99: quantile(lateness, 0.99),
    seen: lateness.length,
  };
}
