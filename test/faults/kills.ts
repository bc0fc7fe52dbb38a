import { setTimeout as delay } from 'node:timers/promises';
import { type Fault, journaledIds } from './fault.js';
import type { FaultCredential } from './fault-credential.js';
import { KILL_POINTS, type KillPoint, type KillPointName } from './kill-points.js';
import type { Lane } from './lane.js';

/** What can be killed. */
const VICTIMS = {
  worker: 'worker',
  server: 'Temporal server',
  both: 'worker and server',
} as const;
export type Victim = keyof typeof VICTIMS;

/** Longest absence of what was killed. */
const AWAY_MAX_MS = 3_000;

/** A SIGKILL at one point of a refresh; what died is started again after a while. */
export function killAt(name: KillPointName, victim: Victim): Fault {
  const point: KillPoint = KILL_POINTS[name];
  return {
    title: point.title,
    victim: VICTIMS[victim],
    // While the worker lives, it has the answer.
    mustBeHarmless: victim === 'server',
    prepare: async (_lane, credentials) => {
      point.prepare?.(credentials);
    },
    strike: async (lane, credentials, draw) => {
      await point.reach(lane, credentials, draw);
      const atMs = Date.now();
      const died = kill(lane, victim);
      release(lane, credentials, victim);
      await died;
      const journaled = await journaledIds(lane, credentials);
      await bringBack(lane, victim, draw);
      return { atMs, journaled };
    },
  };
}

/** The signals are sent before this returns. */
function kill(lane: Lane, victim: Victim): Promise<unknown> {
  return Promise.all([
    victim === 'server' ? undefined : lane.endWorker('SIGKILL'),
    victim === 'worker' ? undefined : lane.server.kill(),
  ]);
}

/** What was held goes on where the worker lives, and is forgotten where it died. */
function release(lane: Lane, credentials: readonly FaultCredential[], victim: Victim): void {
  lane.network.release();
  lane.place.release();
  for (const credential of credentials) {
    if (victim === 'server') credential.letAnswer();
    else credential.forgetOpenRequest();
    credential.network.release();
  }
}

async function bringBack(lane: Lane, victim: Victim, draw: () => number): Promise<void> {
  const [serverAwayMs, workerAwayMs] = [draw() * AWAY_MAX_MS, draw() * AWAY_MAX_MS];
  const server = async (): Promise<void> => {
    await delay(serverAwayMs);
    await lane.server.restart();
  };
  const worker = async (): Promise<void> => {
    await delay(workerAwayMs);
    await lane.startWorker();
  };
  await Promise.all([
    victim === 'worker' ? undefined : server(),
    victim === 'server' ? undefined : worker(),
  ]);
}
