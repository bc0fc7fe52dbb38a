import { allWorked, eachIs, type Fault, journaledIds } from './fault.js';
import type { FaultCredential } from './fault-credential.js';
import type { Lane } from './lane.js';
import type { SmallDisk } from '../support/small-disk.js';

/** The journal's disk is full before the request: none may go out. */
export function diskFullBeforeRequest(disk: SmallDisk): Fault {
  return {
    title: 'disk of the journal full before the request',
    victim: 'worker',
    mustBeHarmless: true,
    prepare: () => disk.fill(),
    strike: async (lane, credentials) => {
      const atMs = Date.now();
      await eachIs(credentials, async ({ spec }) => {
        const { lastFailure } = await lane.tokens.status(spec.id);
        return lastFailure?.code === 'intent_not_written';
      });
      if (credentials.some(({ arrived }) => arrived.isOpen)) {
        throw new Error('a request went out without a journaled intent');
      }
      await disk.free();
      for (const credential of credentials) credential.letAnswer();
      return { atMs, journaled: [] };
    },
  };
}

/** The journal's disk is full when the answer comes: Temporal gets it all the same. */
export function diskFullBeforeAnswer(disk: SmallDisk): Fault {
  return {
    title: 'disk of the journal full when the answer comes',
    victim: 'worker',
    mustBeHarmless: true,
    strike: async (lane, credentials) => {
      await allWorked(credentials);
      await disk.fill();
      const atMs = Date.now();
      for (const credential of credentials) credential.letAnswer();
      await eachIs(credentials, async (credential) => hasCompletedUnjournaled(lane, credential));
      const journaled = await journaledIds(lane, credentials);
      await disk.free();
      return { atMs, journaled };
    },
  };
}

async function hasCompletedUnjournaled(lane: Lane, { spec }: FaultCredential): Promise<boolean> {
  const { generation } = await lane.tokens.status(spec.id);
  const isSaid = lane.worker.lines.some(
    (line) => line.includes('could not be journaled') && line.includes(spec.id),
  );
  return generation > 0 && isSaid;
}
