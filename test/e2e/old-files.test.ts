import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { statusQuery } from '../../src/contract/message-definitions.js';
import { keeperWorkflowId } from '../../src/contract/names.js';
import { KeeperAdministration } from '../../src/keepers/administration.js';
import { EARLIER_LOGINS_MAX } from '../../src/policy/keeper-numbers.js';
import { type KeptCredential, KeptCredentials } from '../support/kept-credential.js';

let kept: KeptCredentials;
let keepers: KeeperAdministration;

beforeAll(async () => {
  kept = await KeptCredentials.open();
  keepers = new KeeperAdministration(kept.stack.client);
});
afterAll(() => kept.close());

/** Lets Temporal forget a credential, as the loss of its database does. */
async function forgotten({ keeper, spec }: KeptCredential): Promise<void> {
  const { client } = kept.stack;
  await client.workflowService.deleteWorkflowExecution({
    namespace: client.options.namespace,
    workflowExecution: { workflowId: keeperWorkflowId(spec.id) },
  });
  const isThere = (): Promise<boolean> =>
    keeper.describe().then(
      () => true,
      () => false,
    );
  await expect.poll(isThere).toBe(false);
}

describe('the file of an old login', () => {
  it('is refused by a healthy keeper after more logins than it remembers, and the newest file is still the newest', async () => {
    const one = await kept.start();
    await one.fresh();
    let newest = one.spec;
    for (let login = 0; login <= EARLIER_LOGINS_MAX + 1; login += 1) {
      newest = one.renewed();
      const { generation } = await one.token();
      expect(await keepers.apply(newest)).toEqual({ outcome: 'reauthorized' });
      await one.fresh(generation);
    }
    const before = await one.token();
    const sent = one.standIn.requests.length;

    // A forgotten pipeline applies the first file once more.
    expect(await keepers.apply(one.spec)).toMatchObject({
      outcome: 'refused',
      reason: expect.stringContaining('apply the file with the later login') as string,
    });
    expect(await one.token()).toMatchObject({ status: 'fresh', token: before.token });
    expect(await one.keeper.query(statusQuery)).toMatchObject({
      lastFailure: { type: 'ApplyRefusedError', code: 'login_replaced' },
    });
    expect(await keepers.apply(newest)).toEqual({ outcome: 'unchanged' });
    expect(one.standIn.requests).toHaveLength(sent);
    await one.fresh(before.generation);
  }, 120_000);

  it('does not lock the newest file out, when both are applied after a loss of Temporal’s database', async () => {
    const one = await kept.start();
    await one.fresh();
    const newest = one.renewed();
    await keepers.apply(newest);
    const { generation } = await one.fresh(1);
    await kept.stack.stopWorkers();
    await forgotten(one);

    // The newest file starts the keeper; the old one comes before a worker does.
    expect(await keepers.apply(newest)).toEqual({ outcome: 'started' });
    const stale = keepers.apply(one.spec);
    const sent = one.standIn.requests.length;
    await kept.stack.startWorkers();
    expect(await stale).toMatchObject({ outcome: 'refused' });
    await expect.poll(() => one.token()).toMatchObject({ generation });
    expect(await keepers.apply(newest)).toEqual({ outcome: 'unchanged' });
    expect(one.standIn.requests).toHaveLength(sent);
    await one.fresh(generation);
  }, 60_000);
});
