import { setTimeout as delay } from 'node:timers/promises';
import { FaultCredential, type RotationName, ROTATIONS } from './fault-credential.js';
import { KILL_POINTS, type KillPoint, type KillPointName } from './kill-points.js';
import type { Lane } from './lane.js';
import { broken, type Outcome, outcomeOf } from './outcome.js';
import { seededDraw } from './seeded-draw.js';

/** What is killed. */
export const VICTIMS = {
  worker: 'worker',
  server: 'Temporal server',
  both: 'both',
} as const;
export type Victim = keyof typeof VICTIMS;

const POINT_WITHIN_MS = 30_000;
/** Longest absence of what was killed. */
const AWAY_MAX_MS = 3_000;

/** One fault, drawn from its seed. */
export interface KillPlan {
  readonly point: KillPointName;
  readonly victim: Victim;
  readonly seed: number;
}

/** What became of one credential. */
export interface TryResult extends Outcome {
  readonly title: string;
  readonly victim: string;
  readonly rotation: RotationName;
  readonly seed: number;
  /** What the promise does not allow. */
  readonly broken: readonly string[];
}

/** Kills at one point of a refresh, starts again what died, and tells what became of a credential of each kind. */
export async function runKill(lane: Lane, plan: KillPlan): Promise<readonly TryResult[]> {
  const draw = seededDraw(plan.seed);
  const point: KillPoint = KILL_POINTS[plan.point];
  const names = Object.keys(ROTATIONS) as RotationName[];
  const credentials = await Promise.all(
    names.map((rotation) =>
      FaultCredential.open(
        `faults/${plan.point}-${plan.victim}-${plan.seed}/${rotation}`,
        rotation,
      ),
    ),
  );
  try {
    point.prepare?.(credentials);
    await Promise.all(credentials.map(({ spec }) => lane.keepers.apply(spec)));
    await inTime(plan, point.reach(lane, credentials, draw));
    const atMs = Date.now();
    const died = kill(lane, plan.victim);
    release(lane, credentials, plan.victim);
    await died;
    const journaled = await Promise.all(credentials.map(({ spec }) => hasAnswer(lane, spec.id)));
    await bringBack(lane, plan.victim, draw);
    return await Promise.all(
      credentials.map(async (credential, index) => {
        const wasJournaled = journaled[index] === true;
        const outcome = await outcomeOf(lane, credential, { atMs, wasJournaled });
        return {
          ...outcome,
          title: point.title,
          victim: VICTIMS[plan.victim],
          rotation: credential.rotation,
          seed: plan.seed,
          broken: broken(credential, outcome),
        };
      }),
    );
  } finally {
    await Promise.all(credentials.map((credential) => credential.close()));
  }
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
  for (const credential of credentials) {
    if (victim === 'server') credential.letAnswer();
    else credential.forgetOpenRequest();
    credential.network.release();
  }
}

async function bringBack(lane: Lane, victim: Victim, draw: () => number): Promise<void> {
  const server = async (awayMs: number): Promise<void> => {
    await delay(awayMs);
    await lane.server.restart();
  };
  const worker = async (awayMs: number): Promise<void> => {
    await delay(awayMs);
    await lane.startWorker();
  };
  const [serverAwayMs, workerAwayMs] = [draw() * AWAY_MAX_MS, draw() * AWAY_MAX_MS];
  await Promise.all([
    victim === 'worker' ? undefined : server(serverAwayMs),
    victim === 'server' ? undefined : worker(workerAwayMs),
  ]);
}

async function hasAnswer(lane: Lane, credentialId: string): Promise<boolean> {
  const entry = await lane.journal.read(credentialId);
  return entry?.answer !== undefined;
}

async function inTime(plan: KillPlan, reached: Promise<void>): Promise<void> {
  const isLate = await Promise.race([
    reached.then(() => false),
    delay(POINT_WITHIN_MS, true, { ref: false }),
  ]);
  if (isLate) throw new Error(`the point was not reached: ${JSON.stringify(plan)}`);
}
