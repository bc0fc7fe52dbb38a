import { KeeperFleet } from '../fleet/keepers.js';
import { atOnce } from '../measure/at-once.js';
import { CallLog, timedCall } from '../measure/call-log.js';
import { quantile } from '../measure/statistics.js';
import { required, until } from '../measure/until.js';
import type { Question } from '../question.js';
import { figure } from '../report/figures.js';

const SIZES = {
  quick: { keepers: 60, forced: 20, killAfter: 5, limitMs: 120_000 },
  medium: { keepers: 1_000, forced: 100, killAfter: 25, limitMs: 300_000 },
  full: { keepers: 5_000, forced: 200, killAfter: 50, limitMs: 600_000 },
} as const;
const WARM_UP_MS = 1_800_000;
const READS_AT_ONCE = 8;
/** Of the token that each keeper has before the kill. */
const FIRST_GENERATION = 1;

/** What becomes of a fleet whose only worker dies amid refreshes. */
export const restartQuestion: Question = {
  name: 'restart',
  title: 'A killed worker',
  asks: 'The only worker, which held all keepers, is killed while forced refreshes are under way, and another one is started at once. The provider rotates strictly: a refresh token that is presented twice is refused.',
  rounds: { quick: 1, medium: 1, full: 1 },
  limitMinutes: { quick: 8, medium: 30, full: 90 },
  run: async ({ size, server, folder, provider, progress, teardown }) => {
    const { keepers, forced, killAfter, limitMs } = SIZES[size];
    const fleet = await KeeperFleet.open(server, folder);
    teardown.add(() => fleet.close());
    await fleet.startWorker();
    progress.say(`${keepers} keepers`);
    const ids = Array.from({ length: keepers }, (_, index) => `restart/${index}`);
    await fleet.apply(ids.map((id) => provider.credential(id, { lifetimeSeconds: 7_200 })));
    await required(
      'their tokens',
      async () => (await provider.grantedCount()) >= keepers,
      WARM_UP_MS,
    );
    await provider.takeRequests();

    const tokens = await fleet.connect();
    teardown.add(() => tokens.close());
    const wanted = ids.slice(0, forced);
    const killed = provider.granted(killAfter);
    const answered = new Set<string>();
    for (const id of wanted) {
      tokens
        .refresh(id)
        .catch(() => undefined)
        .finally(() => answered.add(id));
    }
    await killed;
    await fleet.killWorkers();
    const killedAt = performance.now();
    progress.say('the worker is killed, another starts');
    const [reads] = await Promise.all([coldReads(fleet, ids.slice(-forced)), fleet.startWorker()]);
    const startMs = performance.now() - killedAt;

    const statuses = new Map<string, string>();
    const decidedMs: number[] = [];
    const isOver = await until(async () => {
      const open = wanted.filter((id) => !statuses.has(id));
      await atOnce(READS_AT_ONCE, open, async (id) => {
        const status = await tokens.status(id).catch(() => undefined);
        if (status === undefined || status.awaitsRefresh) return;
        // What the keeper was not told of before the kill has left no trace: its caller asks again, or gives up.
        const isDecided =
          status.generation > FIRST_GENERATION || status.status === 'failed' || answered.has(id);
        if (!isDecided) return;
        statuses.set(id, status.status);
        decidedMs.push(performance.now() - killedAt);
      });
      return statuses.size === wanted.length;
    }, limitMs);
    const requests = await provider.takeRequests();
    const refused = requests.filter(({ outcome }) => outcome === 'refused').length;
    const lost = [...statuses.values()].filter((status) => status === 'failed').length;
    const { p50, p99, failed } = reads.sample();
    return {
      tables: [
        {
          title: 'After the kill',
          headings: ['Figure', 'Value'],
          rows: [
            [
              'until the reads were answered and the new worker polled',
              `${figure(startMs / 1_000)} s`,
            ],
            [
              'until half of the forced refreshes were decided',
              `${figure(quantile(decidedMs, 0.5) / 1_000)} s`,
            ],
            [
              `until all ${forced} forced refreshes were decided`,
              isOver ? `${figure(Math.max(...decidedMs) / 1_000)} s` : 'not within the time',
            ],
            [
              'cold reads meanwhile',
              `${reads.ms.length}, ${failed} failed, median ${figure(p50)} ms, p99 ${figure(p99)} ms`,
            ],
            ['requests refused by the provider', String(refused)],
            ['credentials lost', `${lost} of ${forced}`],
          ],
        },
      ],
      checks: [
        {
          promise: 'no read fails while the worker is replaced',
          seen: `${failed} of ${reads.ms.length} failed`,
          holds: failed === 0,
        },
        {
          promise: 'every refresh is decided',
          seen: `${statuses.size} of ${forced}`,
          holds: isOver,
        },
      ],
      notes: [
        'A credential is lost where the worker died between the provider’s rotation and the journal’s record of its answer: no client can save it from a provider that rotates strictly. The kill question counts how often.',
      ],
    };
  },
};

async function coldReads(fleet: KeeperFleet, ids: readonly string[]): Promise<CallLog> {
  const calls = new CallLog();
  const tokens = await fleet.connect();
  await atOnce(READS_AT_ONCE, ids, (id) => timedCall(calls, () => tokens.get(id)));
  await tokens.close();
  return calls;
}
