import { afterAll, beforeAll, expect, it } from 'vitest';
import { ensureFreshUpdate, forceRefreshSignal } from '../../src/contract/message-definitions.js';
import { RUN_MAX_EVENTS } from '../../src/policy/keeper-numbers.js';
import { KeptCredentials, youngToken } from '../support/kept-credential.js';
import { freshRequest } from '../support/requests.js';

/** The provider takes no refresh of a token so young, so whoever asks for one waits. */
const TAKES_NONE = { minimumAgeMs: 600_000 };

let kept: KeptCredentials;
beforeAll(async () => {
  kept = await KeptCredentials.open();
});
afterAll(() => kept.close());

it('an application to a keeper whose run is long, and whose callers wait, is carried out at once', async () => {
  const credential = await kept.start({ token: youngToken() });
  const { keeper, spec } = credential;
  await credential.apply({ ...spec, timing: TAKES_NONE });
  const { runId } = await keeper.describe();
  const length = async (): Promise<number> => (await keeper.describe()).historyLength;
  // Means nothing to a keeper that is past its generation.
  const poke = (): Promise<void> => keeper.signal(forceRefreshSignal, { unusableGeneration: -1 });
  while ((await length()) < RUN_MAX_EVENTS - 100)
    await Promise.all(Array.from({ length: 50 }, poke));
  const caller = await keeper.startUpdate(ensureFreshUpdate, {
    args: [freshRequest({ afterGeneration: 1 })],
    waitForStage: 'ACCEPTED',
  });
  const answered = caller.result().catch(() => undefined);
  while ((await length()) <= RUN_MAX_EVENTS) await Promise.all(Array.from({ length: 50 }, poke));
  const timing = { minimumAgeMs: TAKES_NONE.minimumAgeMs + 1 };
  expect(await credential.apply({ ...spec, timing })).toMatchObject({ outcome: 'updated' });
  await answered;
  await expect.poll(async () => (await keeper.describe()).runId).not.toBe(runId);
});
