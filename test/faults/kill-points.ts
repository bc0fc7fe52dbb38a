import { setTimeout as delay } from 'node:timers/promises';
import { allWorked, eachIs } from './fault.js';
import type { FaultCredential } from './fault-credential.js';
import type { Lane } from './lane.js';

/** Where in a refresh a process dies. */
export interface KillPoint {
  /** For the table of results. */
  readonly title: string;
  /** Prepares what must be so before the refresh starts. */
  prepare?(credentials: readonly FaultCredential[]): void;
  /** Resolves when the point is reached; what follows it in the refresh has not begun, or only just. */
  reach(lane: Lane, credentials: readonly FaultCredential[], draw: () => number): Promise<void>;
}

/** Every point of a refresh, in the order in which it passes them. */
export const KILL_POINTS = {
  scheduled: {
    title: 'as the attempt starts',
    reach: async (_lane, _credentials, draw) => {
      await delay(draw() * 200);
    },
  },
  intended: {
    title: 'intent journaled, request not yet sent',
    prepare: (credentials) => {
      for (const { network } of credentials) network.hold();
    },
    reach: async (lane, credentials) => {
      await eachIs(credentials, async ({ spec }) => {
        const entry = await lane.journal.read(spec.id);
        return entry?.intent !== undefined;
      });
    },
  },
  sent: {
    title: 'request sent, provider has not worked',
    reach: async (_lane, credentials) => {
      await Promise.all(credentials.map(({ arrived }) => arrived.passed));
    },
  },
  rotated: {
    title: 'provider rotated, answer not sent',
    reach: async (_lane, credentials) => {
      await allWorked(credentials);
    },
  },
  answered: {
    title: 'answer received, journal not written',
    reach: async (lane, credentials) => {
      await allWorked(credentials);
      const isWriting = lane.place.untilWriting();
      for (const credential of credentials) credential.letAnswer();
      await isWriting;
    },
  },
  journaled: {
    title: 'answer journaled, Temporal not told',
    reach: async (lane, credentials) => {
      await allWorked(credentials);
      lane.network.hold();
      for (const credential of credentials) credential.letAnswer();
      await eachIs(credentials, async ({ spec }) => {
        const entry = await lane.journal.read(spec.id);
        return entry?.answer !== undefined;
      });
    },
  },
  completed: {
    title: 'Temporal told, keeper has not looked',
    reach: async (lane, credentials) => {
      for (const credential of credentials) credential.letAnswer();
      await eachIs(credentials, async ({ spec, worked }) => {
        if (!worked.isOpen) return false;
        return (await lane.pendingActivities(spec.id)).length === 0;
      });
    },
  },
} as const satisfies Readonly<Record<string, KillPoint>>;
export type KillPointName = keyof typeof KILL_POINTS;
