import { setTimeout as delay } from 'node:timers/promises';
import { processTree } from '../../measure/processes.js';
import { until } from '../../measure/until.js';
import type { ProviderRequest } from '../../provider/messages.js';
import { BenchProvider } from '../../provider/provider.js';
import type { BenchContext } from '../../question.js';
import type { RivalEntry } from '../../rivals/rivals.js';
import type { KillScenario } from './scenarios.js';

/** All are to be under way within this. */
const UNDER_WAY_MS = 60_000;
/** Longer than all take to begin: nobody begins a second refresh before the kill. */
const GRANTS = { lifetimeSeconds: 60, periodMs: 30_000 } as const;
/** Longer than anybody takes to find the work of a dead worker. */
const DECIDED_MS = 150_000;

/** What became of the credentials of one or more trials. */
export interface KillOutcome {
  readonly credentials: number;
  readonly lost: number;
  readonly kept: number;
  readonly undecided: number;
  /** Requests that presented a spent refresh token. */
  readonly refused: number;
  /** From the kill to the last decision. */
  readonly seconds: number;
}

/** Lets credentials be refreshed, kills the worker and starts another, and looks what the provider then sees. */
export async function runTrial(
  context: BenchContext,
  { name, open }: RivalEntry,
  scenario: KillScenario,
  credentials: number,
  label: string,
): Promise<KillOutcome> {
  const provider = await BenchProvider.start();
  provider.grace(scenario.graceMs);
  const rival = await open(context, provider);
  try {
    await rival.startWorker();
    const ids = Array.from(
      { length: credentials },
      (_, index) => `kill/${name.toLowerCase()}/${label}/${index}`,
    );
    const underWay = provider.granted(credentials);
    // Requests begin over seconds, and all answers are to come at one moment.
    provider.hold();
    await rival.add(ids, GRANTS);
    await Promise.race([underWay, tooLate()]);
    const stored = scenario.isStoreAway ? rival.storePids.flatMap(processTree) : [];
    signalAll(stored, 'SIGSTOP');
    if (scenario.killAfterMs !== undefined) {
      provider.release();
      await delay(scenario.killAfterMs);
    }
    await rival.killWorkers();
    provider.release();
    signalAll(stored, 'SIGCONT');
    refuseSecondRound(await provider.takeRequests(), credentials);
    const killedAt = performance.now();
    await rival.startWorker();
    const kept = new Set<string>();
    const lost = new Set<string>();
    let refused = 0;
    let decidedAt = killedAt;
    await until(async () => {
      for (const { id, outcome } of await provider.takeRequests()) {
        if (!kept.has(id) && !lost.has(id)) decidedAt = performance.now();
        if (outcome === 'granted') kept.add(id);
        else if (!kept.has(id)) lost.add(id);
        if (outcome === 'refused') refused += 1;
      }
      return ids.every((id) => kept.has(id) || lost.has(id));
    }, DECIDED_MS);
    return {
      credentials,
      lost: lost.size,
      kept: kept.size,
      undecided: credentials - new Set([...kept, ...lost]).size,
      refused,
      seconds: (decidedAt - killedAt) / 1_000,
    };
  } finally {
    await rival.close();
    await provider.stop();
  }
}

/** What is lost must be of the refreshes that the scenario is about. */
function refuseSecondRound(requests: readonly ProviderRequest[], credentials: number): void {
  const granted = requests.filter(({ outcome }) => outcome === 'granted').length;
  if (granted === credentials) return;
  throw new Error(
    `the worker was killed too late: ${granted} refreshes of ${credentials} credentials`,
  );
}

async function tooLate(): Promise<never> {
  await delay(UNDER_WAY_MS, undefined, { ref: false });
  throw new Error(`not all requests were under way within ${UNDER_WAY_MS / 1_000} s`);
}

/** Lets processes that this benchmark started stand still, or go on. */
function signalAll(pids: readonly number[], signal: 'SIGSTOP' | 'SIGCONT'): void {
  for (const pid of pids) {
    try {
      process.kill(pid, signal);
    } catch {
      // It has ended meanwhile, as connections of a database do.
    }
  }
}
