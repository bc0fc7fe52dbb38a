import type { CredentialSpec } from '../../../src/contract/credential.js';
import {
  ensureFreshUpdate,
  forceRefreshSignal,
  statusQuery,
} from '../../../src/contract/message-definitions.js';
import { RUN_MAX_EVENTS } from '../../../src/policy/keeper-numbers.js';
import { type Keeper, type KeeperRig, specOf } from '../../support/keeper-rig.js';
import { freshRequest } from '../../support/requests.js';
import { failing, type Step } from '../../support/scripted-refresh.js';

/** Takes a new keeper through a part of its life; the history of the run that it ends in is recorded. */
export type Scenario = (rig: KeeperRig) => Promise<RecordedRun>;

/** Scenarios by the names of their histories. */
export type Scenarios = Readonly<Record<string, Scenario>>;

/** The run whose history is to be recorded; without `runId` the current one. */
export interface RecordedRun {
  readonly keeper: Keeper;
  readonly runId?: string;
}

export const LONG_MS = 600_000;
/** Due again as soon as the spacing of two refreshes allows. */
export const SHORT_MS = 4_000;
const HOUR_MS = 3_600_000;
/** An attempt that is not made again before somebody asks. */
export const OUTAGE = failing('TransientRefreshError', 'http_503', HOUR_MS);

/** An answer of the provider that is still to come. */
export interface AwaitedStep {
  readonly step: Promise<Step>;
  resolve(step: Step): void;
}

export function deferredStep(): AwaitedStep {
  let resolve: (step: Step) => void = () => undefined;
  const step = new Promise<Step>((settle) => (resolve = settle));
  return { step, resolve };
}

/** Waits for a token; asks for a refresh if there is none that satisfies. */
export function fresh(keeper: Keeper, afterGeneration?: number): Promise<unknown> {
  return keeper.executeUpdate(ensureFreshUpdate, {
    args: [freshRequest(afterGeneration === undefined ? {} : { afterGeneration })],
  });
}

/** A caller that has begun to wait. */
export async function waitingCaller(keeper: Keeper): Promise<{ done(): Promise<unknown> }> {
  const update = await keeper.startUpdate(ensureFreshUpdate, {
    waitForStage: 'ACCEPTED',
    args: [freshRequest()],
  });
  return { done: () => update.result().catch((error: unknown) => error) };
}

/** Resolves when the keeper's status answer has all these values. */
export async function reaches(
  keeper: Keeper,
  wanted: Readonly<Record<string, string | number | boolean>>,
): Promise<void> {
  for (;;) {
    const answer = new Map<string, unknown>(Object.entries(await keeper.query(statusQuery)));
    if (Object.entries(wanted).every(([key, value]) => answer.get(key) === value)) return;
  }
}

/** The credential after a new login. */
export function renewed(id: string, overrides: Partial<CredentialSpec> = {}): CredentialSpec {
  return specOf(id, {
    material: { refreshToken: 'refresh-new', clientSecret: 'secret' },
    fingerprints: { refreshToken: 'f-new', clientSecret: 'fs' },
    ...overrides,
  });
}

/** Makes the run as long as runs may be, by signals that ask for nothing new. */
export async function makeRunLong(keeper: Keeper): Promise<void> {
  for (let sent = 0; sent < RUN_MAX_EVENTS; sent += 50) await pokes(keeper, 50);
}

/** Sends so many signals at once that ask for nothing new: `generation` is one that the keeper is past. */
export async function pokes(keeper: Keeper, count: number): Promise<void> {
  await Promise.all(
    Array.from({ length: count }, () =>
      keeper.signal(forceRefreshSignal, { unusableGeneration: -1 }),
    ),
  );
}

/** Resolves when another run of the keeper has followed this one. */
export async function continuedAfter(keeper: Keeper, runId: string): Promise<void> {
  while ((await keeper.describe()).runId === runId);
}
