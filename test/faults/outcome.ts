import { setTimeout as delay } from 'node:timers/promises';
import type { CredentialStatus } from '../../src/client/keeper-port.js';
import { TokenError } from '../../src/client/token-error.js';
import type { Fault } from './fault.js';
import type { FaultCredential, RotationName } from './fault-credential.js';
import type { Lane } from './lane.js';

const LOOK_EVERY_MS = 250;
/** Lines of a worker's log that are told of a try that did not end. */
const LINES_TOLD = 10;
/** A lost request is waited out for 25 s, or 31 s where the worker's clock was wrong; the rest is for a loaded machine. */
const SETTLED_WITHIN_MS = 300_000;

/** What became of one credential after a fault. */
export interface Outcome {
  readonly end: 'fresh' | 'outcome_unknown' | 'lost';
  /** Requests that presented a token which had been spent before. */
  readonly spentTwice: number;
  /** The journal held the answer when the fault was over. */
  readonly wasJournaled: boolean;
  /** From the fault until a new token was there; or until the failure. */
  readonly recoveredAfterMs: number;
  /** How long a service that reads tokens had none that was valid. */
  readonly withoutTokenMs: number;
}

/** Waits until a credential has a new token, or has failed, and finds out whether its material is alive. */
export async function outcomeOf(
  lane: Lane,
  credential: FaultCredential,
  fault: { readonly atMs: number; readonly wasJournaled: boolean },
): Promise<Outcome> {
  const { id, seedToken } = credential.spec;
  const settled = await settledStatus(lane, id);
  const settledAtMs = Date.now();
  const facts = {
    wasJournaled: fault.wasJournaled,
    recoveredAfterMs: settledAtMs - fault.atMs,
    withoutTokenMs: Math.max(settledAtMs - (seedToken?.expiresAtMs ?? settledAtMs), 0),
  };
  if (settled.status === 'failed') {
    const isSaid = settled.lastFailure?.code === 'outcome_unknown';
    const end = isSaid ? 'outcome_unknown' : 'lost';
    return { ...facts, end, spentTwice: credential.spentTwice };
  }
  const { spentTwice } = credential;
  const end = (await isAlive(lane, id, settled.generation)) ? 'fresh' : 'lost';
  return { ...facts, end, spentTwice };
}

/** Whether a refresh with the material that is left makes a token; only what the provider refuses is dead. */
async function isAlive(lane: Lane, id: string, generation: number): Promise<boolean> {
  const deadline = performance.now() + SETTLED_WITHIN_MS;
  for (;;) {
    try {
      return (await lane.tokens.refresh(id)).generation > generation;
    } catch (error) {
      if (error instanceof TokenError && error.code === 'PERMANENTLY_FAILED') return false;
      if (performance.now() > deadline) throw error;
      process.stderr.write(`asked again: ${String(error)}\n`);
    }
    await delay(LOOK_EVERY_MS);
  }
}

/** What the promise does not allow; empty when it was kept. */
export function brokenPromises(
  { mustBeHarmless }: Pick<Fault, 'mustBeHarmless'>,
  rotation: RotationName,
  { end, spentTwice, wasJournaled }: Outcome,
): readonly string[] {
  const isHarmless = mustBeHarmless || wasJournaled;
  const isDoubtDecided = end === 'outcome_unknown' && rotation === 'strict' && spentTwice === 1;
  return [
    ...(end === 'lost' ? ['its material is dead, and it does not say so'] : []),
    ...(isHarmless && end !== 'fresh' ? ['lost although its answer was there'] : []),
    ...(isHarmless && spentTwice > 0 ? ['spent twice although its answer was there'] : []),
    ...(spentTwice > 1 ? ['a doubtful request was repeated more than once'] : []),
    ...(end === 'outcome_unknown' && !isDoubtDecided ? ['a doubt that was none'] : []),
    ...(end === 'fresh' && rotation === 'strict' && spentTwice > 0 ? ['spent twice'] : []),
  ];
}

async function settledStatus(lane: Lane, id: string): Promise<CredentialStatus> {
  const deadline = performance.now() + SETTLED_WITHIN_MS;
  for (;;) {
    const last = await lane.tokens.status(id).catch((error: unknown) => String(error));
    if (typeof last !== 'string') {
      if (last.status === 'failed') return last;
      if (last.status === 'fresh' && last.generation > 0) return last;
    }
    if (performance.now() > deadline) {
      const logged = lane.worker.lines.slice(-LINES_TOLD).join('\n');
      throw new Error(`${id} did not settle: ${JSON.stringify(last)}\n${logged}`);
    }
    await lane.supervise();
    await delay(LOOK_EVERY_MS);
  }
}
