import { setTimeout as delay } from 'node:timers/promises';
import { allWorked, type Fault, type FaultFacts, journaledIds } from './fault.js';
import type { FaultCredential } from './fault-credential.js';
import { KILL_POINTS } from './kill-points.js';
import type { Lane } from './lane.js';

/** Between two signals, and until the provider answers. */
const PAUSE_MS = 1_000;

/** A deployment: the worker is told to stop in the middle of a request, and told again. */
export const drainedWorker: Fault = {
  title: 'SIGTERM during the request, twice',
  victim: 'worker',
  mustBeHarmless: true,
  strike: async (lane, credentials) => {
    await allWorked(credentials);
    return drain(lane, credentials, async (worker) => {
      await delay(PAUSE_MS);
      worker.signal('SIGTERM');
      await delay(PAUSE_MS);
      for (const credential of credentials) credential.letAnswer();
    });
  },
};

/** The worker is told to stop while it writes the answer down. */
export const drainedWhileJournaling: Fault = {
  title: 'SIGTERM while the answer is being journaled',
  victim: 'worker',
  mustBeHarmless: true,
  strike: async (lane, credentials) => {
    await KILL_POINTS.answered.reach(lane, credentials);
    return drain(lane, credentials, async () => lane.place.release());
  },
};

async function drain(
  lane: Lane,
  credentials: readonly FaultCredential[],
  meanwhile: (worker: Lane['worker']) => Promise<void>,
): Promise<FaultFacts> {
  const atMs = Date.now();
  const { worker } = lane;
  const ended = lane.endWorker('SIGTERM');
  await meanwhile(worker);
  const exitCode = await ended;
  if (exitCode !== 0) throw new Error(`the worker was not drained [exit=${exitCode ?? 'none'}]`);
  const journaled = await journaledIds(lane, credentials);
  await lane.startWorker();
  return { atMs, journaled };
}
