import { setTimeout as delay } from 'node:timers/promises';
import type { FaultCredential } from './fault-credential.js';
import type { Lane } from './lane.js';

const LOOK_EVERY_MS = 5;

/** Something that goes wrong in the middle of a refresh. */
export interface Fault {
  /** Where or what, for the table of results. */
  readonly title: string;
  /** Who it happens to. */
  readonly victim: string;
  /** Whether no doubt may be left: nothing lost, nothing spent twice, with every kind of provider. */
  readonly mustBeHarmless: boolean;
  /** Makes so what must be so before the refresh starts. */
  prepare?(lane: Lane, credentials: readonly FaultCredential[]): Promise<void>;
  /**
   * Waits for its moment, does the damage, and brings back what died. Resolves with what was true when the fault
   * was over.
   */
  strike(
    lane: Lane,
    credentials: readonly FaultCredential[],
    draw: () => number,
  ): Promise<FaultFacts>;
}

/** What was true when a fault was over. */
export interface FaultFacts {
  /** When the damage was done. */
  readonly atMs: number;
  /** Credentials whose answer the journal held by then. */
  readonly journaled: readonly string[];
}

/** Credentials whose answer the journal holds now. */
export async function journaledIds(
  lane: Lane,
  credentials: readonly FaultCredential[],
): Promise<readonly string[]> {
  const ids = await Promise.all(
    credentials.map(async ({ spec: { id } }) => {
      const entry = await lane.journal.read(id);
      return entry?.answer === undefined ? [] : [id];
    }),
  );
  return ids.flat();
}

/** Lets all providers do the work, and resolves when they have. */
export async function allWorked(credentials: readonly FaultCredential[]): Promise<void> {
  for (const { mayWork } of credentials) mayWork.open();
  await Promise.all(credentials.map(({ worked }) => worked.passed));
}

/** Resolves when something is so for each of the credentials. */
export async function eachIs(
  credentials: readonly FaultCredential[],
  isSo: (credential: FaultCredential) => Promise<boolean>,
  lookEveryMs = LOOK_EVERY_MS,
): Promise<void> {
  for (const credential of credentials) {
    while (!(await isSo(credential))) await delay(lookEveryMs);
  }
}
