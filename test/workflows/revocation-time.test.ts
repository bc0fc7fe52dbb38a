import { afterAll, beforeAll, expect, it } from 'vitest';
import {
  carriedStateQuery,
  revokeUpdate,
  statusQuery,
} from '../../src/contract/message-definitions.js';
import { REVOKE_TIMEOUT_MS } from '../../src/policy/attempt-numbers.js';
import { KeeperRig } from '../support/keeper-rig.js';
import { tokenFor } from '../support/scripted-refresh.js';

const WAIT = { timeout: 60_000 };

let rig: KeeperRig;
beforeAll(async () => {
  rig = await KeeperRig.open();
});
afterAll(() => rig.close());

it('a revocation gets the time that both of its requests may take, so that none is decided while it is on the way', async () => {
  const { keeper } = await rig.keeper(tokenFor(3_600_000));
  await expect
    .poll(async () => (await keeper.query(statusQuery)).generation, WAIT)
    .toBeGreaterThan(0);
  const { generation } = await keeper.query(statusQuery);
  const { application } = await keeper.query(carriedStateQuery);
  await keeper.startUpdate(revokeUpdate, {
    waitForStage: 'ACCEPTED',
    args: [{ revokedGeneration: generation, application, wantedAtMs: Date.now() }],
  });
  const given = async (): Promise<number | undefined> => {
    const { events } = await keeper.fetchHistory();
    const revocation = (events ?? [])
      .flatMap(({ activityTaskScheduledEventAttributes: attributes }) => attributes ?? [])
      .find(({ activityType }) => activityType?.name === 'revokeToken');
    return revocation && Number(revocation.startToCloseTimeout?.seconds) * 1_000;
  };
  await expect.poll(given, WAIT).toBe(REVOKE_TIMEOUT_MS);
  await keeper.terminate();
});
