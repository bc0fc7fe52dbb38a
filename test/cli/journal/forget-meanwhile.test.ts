import { afterAll, beforeAll, expect, it } from 'vitest';
import { forget } from '../../../src/cli/journal/forget.js';
import { createSealer } from '../../../src/encryption/sealer.js';
import { openJournal } from '../../../src/journal/open-journal.js';
import type { RefreshJournal } from '../../../src/journal/port.js';
import { ATTEMPT_TIMEOUT_MS } from '../../../src/policy/attempt-numbers.js';
import { forceRequest } from '../../support/requests.js';
import { DoctorRig } from '../doctor/doctor-rig.js';

let rig: DoctorRig;
let journal: RefreshJournal;

beforeAll(async () => {
  rig = await DoctorRig.open();
  const { config, namespace } = rig.stack;
  journal = await openJournal(config.journal, namespace.namespace, createSealer(config.encryption));
});
afterAll(async () => {
  await journal.close();
  await rig.stack.close();
});

/** Starts a keeper of material that a refresh spends, and waits for its first token. */
async function keepRotating(id: string): Promise<void> {
  await rig.keepers.apply(rig.stack.spec('abitmedia', id));
  await rig.tokens.get(id);
}

it('a keeper that was applied while forget asked goes on, with all that the journal knows of it', async () => {
  const id = 'meanwhile/applied';
  await keepRotating(id);
  await rig.keepers.stop(id);
  await rig.ended(id);
  const applyAgain = async (): Promise<void> => {
    await rig.keepers.apply(rig.stack.spec('abitmedia', id));
  };
  await expect(forget(rig.session, id, {}, applyAgain)).rejects.toThrow(
    `${id} was applied meanwhile, and its keeper goes on; stop it first with: evertoken stop ${id}`,
  );
  expect((await rig.keeper(id).describe()).status.name).toBe('RUNNING');
  expect(await journal.read(id)).toBeDefined();
});

it('forget --terminate ends no keeper but the one that ran when it asked', async () => {
  const id = 'meanwhile/replaced';
  await keepRotating(id);
  const replace = async (): Promise<void> => {
    await rig.keeper(id).terminate();
    await rig.keepers.apply(rig.stack.spec('abitmedia', id));
  };
  await expect(forget(rig.session, id, { terminate: true }, replace)).rejects.toThrow(
    'was applied meanwhile',
  );
  expect((await rig.keeper(id).describe()).status.name).toBe('RUNNING');
});

it(
  'a request that began while forget --terminate asked leaves nothing in the journal',
  { timeout: ATTEMPT_TIMEOUT_MS + 60_000 },
  async () => {
    const id = 'meanwhile/refreshed';
    await keepRotating(id);
    const refresh = async (): Promise<void> => {
      const isSent = new Promise<void>((resolve) => {
        rig.stack.standIns.of('abitmedia').answerNext(async (faithful) => {
          resolve();
          await rig.ended(id);
          return faithful();
        });
      });
      await rig.keepers.forceRefresh(id, forceRequest({ cuts: 'backoff' }));
      await isSent;
    };
    await forget(rig.session, id, { terminate: true }, refresh);
    // They finish what is on the way.
    await rig.stack.stopWorkers();
    expect(await journal.read(id)).toBeUndefined();
  },
);
