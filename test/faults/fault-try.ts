import { setTimeout as delay } from 'node:timers/promises';
import type { Fault, FaultFacts } from './fault.js';
import { FaultCredential, type RotationName, ROTATIONS } from './fault-credential.js';
import type { Lane } from './lane.js';
import { brokenPromises, type Outcome, outcomeOf } from './outcome.js';
import { seededDraw } from './seeded-draw.js';

/** Longest way to a fault and through it: an outage of a minute and a half is the longest. */
const STRIKE_WITHIN_MS = 180_000;

/** What became of one credential. */
export interface TryResult extends Outcome {
  readonly title: string;
  readonly victim: string;
  readonly rotation: RotationName;
  readonly seed: number;
  /** What the promise does not allow; empty when it was kept. */
  readonly broken: readonly string[];
}

/** Does one fault to a credential of each kind of provider, and tells what became of them. */
export async function tryFault(
  lane: Lane,
  fault: Fault,
  seed: number,
): Promise<readonly TryResult[]> {
  const names = Object.keys(ROTATIONS) as RotationName[];
  const credentials = await Promise.all(
    names.map((rotation) =>
      FaultCredential.open(`faults/${lane.nextNumber()}/${rotation}`, { rotation }),
    ),
  );
  try {
    await fault.prepare?.(lane, credentials);
    await Promise.all(credentials.map(({ spec }) => lane.keepers.apply(spec)));
    const facts = await inTime(fault, fault.strike(lane, credentials, seededDraw(seed)));
    return await Promise.all(
      credentials.map(async (credential): Promise<TryResult> => {
        const wasJournaled = facts.journaled.includes(credential.spec.id);
        const outcome = await outcomeOf(lane, credential, { atMs: facts.atMs, wasJournaled });
        const { title, victim } = fault;
        const { rotation } = credential;
        const broken = brokenPromises(fault, rotation, outcome);
        return { ...outcome, title, victim, rotation, seed, broken };
      }),
    );
  } finally {
    await Promise.all(credentials.map((credential) => credential.close()));
  }
}

async function inTime(fault: Fault, struck: Promise<FaultFacts>): Promise<FaultFacts> {
  const facts = await Promise.race([struck, delay(STRIKE_WITHIN_MS, undefined, { ref: false })]);
  if (facts === undefined) throw new Error(`not reached: ${fault.title} (${fault.victim})`);
  return facts;
}
