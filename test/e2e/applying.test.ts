import { afterAll, beforeAll, describe, it, vi } from 'vitest';
import { TokenClient } from '../../src/client/token-client.js';
import { carriedStateQuery, statusQuery } from '../../src/contract/message-definitions.js';
import { TemporalKeepers } from '../../src/keepers/temporal-keepers.js';
import { KeptCredentials } from '../support/kept-credential.js';
import { replyWith } from '../support/provider-scripts.js';

// All keepers at once: most of their time they wait.
vi.setConfig({ maxConcurrency: 50, testTimeout: 90_000 });

let credentials: KeptCredentials;
beforeAll(async () => {
  credentials = await KeptCredentials.open();
});
afterAll(() => credentials.close());

describe.concurrent('applying a credential', () => {
  it('changes nothing when the same file is applied after five rotations', async ({ expect }) => {
    // Lives shorter than the spacing of refreshes, so that forced ones come between those on time.
    const kept = await credentials.start({ lifetimeSeconds: 12 });
    const tokens = new TokenClient(new TemporalKeepers(credentials.stack.client));
    for (let generation = 0; generation < 5; generation += 1) {
      await tokens.refresh(kept.spec.id, { afterGeneration: generation });
    }
    const before = await kept.keeper.query(carriedStateQuery);
    expect(await kept.apply(kept.spec)).toEqual({ outcome: 'unchanged' });
    const after = await kept.keeper.query(carriedStateQuery);
    expect(after.spec).toEqual(before.spec);
    expect(after.epoch).toBe(1);
    expect(after.spec.material['refreshToken']).not.toBe(kept.refreshToken);
    expect(new Set(kept.standIn.spent).size).toBe(kept.standIn.refreshes);
  });

  it('repairs a client secret alone, and at once', async ({ expect }) => {
    const kept = await credentials.start({ material: { clientSecret: 'mistyped' } });
    await expect.poll(async () => (await kept.token()).status).toBe('client-rejected');
    const { refreshToken } = kept;
    expect(await kept.apply(kept.renewed({ refreshToken }))).toEqual({ outcome: 'updated' });
    expect((await kept.fresh()).status).toBe('fresh');
    expect(await kept.keeper.query(statusQuery)).toMatchObject({ epoch: 1, generation: 1 });
    expect(kept.standIn.spent).toEqual([refreshToken]);
  });

  it('revives a failed keeper by new material only, under the same workflow ID', async ({
    expect,
  }) => {
    const kept = await credentials.start();
    await kept.fresh();
    kept.standIn.answerNext(replyWith({ status: 400, body: '{"error":"invalid_grant"}' }));
    await kept.fresh(1).catch(() => undefined);
    await kept.finalFailure();
    const { runId } = await kept.keeper.describe();

    expect(await kept.apply(kept.spec)).toEqual({
      outcome: 'refused',
      reason:
        'the material is the one that ended the keeper [code=invalid_grant]; apply new material',
    });
    expect(await kept.apply(kept.renewed())).toEqual({ outcome: 'reauthorized' });
    await expect
      .poll(async () => kept.keeper.query(statusQuery))
      .toMatchObject({ status: 'fresh', generation: 2, epoch: 2 });
    expect((await kept.keeper.describe()).runId).not.toBe(runId);
    expect(kept.standIn.spent).toHaveLength(2);
  });
});
