import { ServiceError, WorkflowFailedError } from '@temporalio/client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  carriedStateQuery,
  ensureFreshUpdate,
  forceRefreshSignal,
  applyUpdate,
  statusQuery,
  stopSignal,
  tokenQuery,
} from '../../src/contract/message-definitions.js';
import type { TokenAnswer } from '../../src/contract/messages.js';
import { CALLERS_WAITING_MAX } from '../../src/policy/keeper-numbers.js';
import { type Keeper, KeeperRig, specOf } from '../support/keeper-rig.js';
import { applyRequest, forceRequest, freshRequest } from '../support/requests.js';
import { failing, onTheWay, preparing, type Step, tokenFor } from '../support/scripted-refresh.js';

let rig: KeeperRig;
beforeAll(async () => {
  rig = await KeeperRig.open();
});
afterAll(() => rig.close());

describe('a keeper', () => {
  it('fetches the first token at once and answers queries with it', async () => {
    const { keeper, fake } = await rig.keeper(tokenFor(60_000));
    await fake.attempts(1);
    const answer = await keeper.executeUpdate(ensureFreshUpdate, { args: [freshRequest()] });
    expect(answer).toMatchObject({
      status: 'fresh',
      generation: 1,
      token: { value: 'access-1.1' },
    });
    expect(await keeper.query(tokenQuery)).toEqual(answer);
    expect(await keeper.query(statusQuery)).toMatchObject({
      status: 'fresh',
      generation: 1,
      epoch: 1,
      refreshing: false,
      failureStreak: 0,
    });
    expect(JSON.stringify(await keeper.query(statusQuery))).not.toContain('access-1.1');
  });

  it('spends the newest material at each refresh', async () => {
    const { keeper, fake } = await rig.keeper(tokenFor(60_000));
    await fresh(keeper);
    await fresh(keeper, 1);
    expect(fake.requests.map(({ material }) => material['refreshToken'])).toEqual([
      'refresh-0',
      'refresh-1.1',
    ]);
  });

  it('shows operators its provider and status, and no secret', async () => {
    const { keeper } = await rig.keeper(tokenFor(60_000));
    await fresh(keeper);
    await expect
      .poll(() => shownToOperators(keeper))
      .toMatchObject({ EvertokenProvider: 'oauth2', EvertokenStatus: 'fresh' });
  });

  it('says when its material expires, where the provider has said so', async () => {
    const materialExpiresAtMs = Date.now() + 86_400_000;
    const { keeper } = await rig.keeper(async (request) => {
      const result = await tokenFor(60_000)(request);
      return { ...result, token: { ...result.token, materialExpiresAtMs } };
    });
    await fresh(keeper);
    expect(await keeper.query(statusQuery)).toMatchObject({ materialExpiresAtMs });
  });

  it('runs without search attributes where the namespace has none', async () => {
    const { keeper } = await rig.keeper(tokenFor(60_000), { useSearchAttributes: false });
    expect((await fresh(keeper)).generation).toBe(1);
    expect((await shownToOperators(keeper))['EvertokenStatus']).toBeUndefined();
  });

  it('stops when told to, and its token is still answered', async () => {
    const { keeper } = await rig.keeper(tokenFor(60_000));
    await fresh(keeper);
    await keeper.signal(stopSignal);
    expect(await keeper.result()).toEqual({ status: 'stopped', generation: 1 });
    expect(await keeper.query(tokenQuery)).toMatchObject({ status: 'stopped', generation: 1 });
  });

  it('ends as cancelled when an operator cancels it, and keeps the token of a request on the way', async () => {
    const answer = deferred<Step>();
    const { keeper, fake } = await rig.keeper(onTheWay(answer.promise));
    await fake.attempts(1);
    await keeper.cancel();
    answer.resolve(tokenFor(60_000));
    await expect(keeper.result()).rejects.toBeInstanceOf(WorkflowFailedError);
    expect((await keeper.describe()).status.name).toBe('CANCELLED');
    expect(await keeper.query(tokenQuery)).toMatchObject({ generation: 1, status: 'stopped' });
  });
});

describe('a forced refresh', () => {
  it('is one request for 1,000 signals that name the same generation', async () => {
    const { keeper, fake } = await rig.keeper(tokenFor(600_000));
    await fresh(keeper);
    const signals = Array.from({ length: 1_000 }, () =>
      keeper.signal(forceRefreshSignal, forceRequest({ unusableGeneration: 1 })),
    );
    await Promise.all(signals);
    expect((await fresh(keeper, 1)).generation).toBe(2);
    await rig.settled(keeper);
    expect(fake.requests).toHaveLength(2);
  });

  it('does nothing when the keeper is already past the generation found wanting', async () => {
    const { keeper, fake } = await rig.keeper(tokenFor(600_000));
    await fresh(keeper);
    await keeper.signal(forceRefreshSignal, forceRequest({ unusableGeneration: 0 }));
    expect(await keeper.query(statusQuery)).toMatchObject({ forcePending: false, generation: 1 });
    expect(fake.requests).toHaveLength(1);
  });

  it('cuts a backoff short', async () => {
    const { keeper, fake } = await rig.keeper(
      failing('TransientRefreshError', 'http_503', 3_600_000),
      {},
      tokenFor(60_000),
    );
    await fake.attempts(1);
    await keeper.signal(forceRefreshSignal, forceRequest());
    expect((await fresh(keeper)).generation).toBe(1);
    expect(fake.requests.map(({ reason }) => reason)).toEqual(['due', 'forced']);
    expect(fake.requests[1]?.doubtSinceMs).toBeTypeOf('number');
  });

  it('does not cut a backoff short for callers who wait, however many and however often', async () => {
    const outage = failing('TransientRefreshError', 'http_503', 3_600_000);
    const { keeper, fake } = await rig.keeper(outage, {}, tokenFor(60_000));
    await fake.attempts(1);
    const waiting = Array.from({ length: 5 }, () => fresh(keeper).catch(() => undefined));
    for (let count = 0; count < 5; count += 1) {
      await keeper.signal(forceRefreshSignal, { unusableGeneration: 0 });
    }
    expect(await keeper.query(statusQuery)).toMatchObject({ forcePending: false });
    await keeper.signal(stopSignal);
    await Promise.all(waiting);
    expect(fake.requests).toHaveLength(1);
  });

  it('cuts a backoff short also when it has to wait for the spacing of forced refreshes', async () => {
    const outage = failing('TransientRefreshError', 'http_503', 3_600_000);
    const { keeper, fake } = await rig.keeper(outage);
    await fake.attempts(1);
    await keeper.signal(forceRefreshSignal, forceRequest());
    await fake.attempts(2);
    await keeper.signal(forceRefreshSignal, forceRequest());
    await fake.attempts(3);
    expect(fake.requests.map(({ reason }) => reason)).toEqual(['due', 'forced', 'forced']);
  });

  it('never cuts a request that is on the way: its result is taken', async () => {
    const answer = deferred<Step>();
    const { keeper, fake } = await rig.keeper(onTheWay(answer.promise));
    await fake.attempts(1);
    await keeper.signal(forceRefreshSignal, forceRequest());
    const waiting = fresh(keeper);
    answer.resolve(tokenFor(60_000));
    expect((await waiting).generation).toBe(1);
    await rig.settled(keeper);
    expect(fake.requests).toHaveLength(1);
  });

  it('is made when it names the generation that the refresh under way is about to make', async () => {
    const answer = deferred<Step>();
    const { keeper, fake } = await rig.keeper(onTheWay(answer.promise), {}, tokenFor(60_000));
    await fake.attempts(1);
    await keeper.signal(forceRefreshSignal, forceRequest({ unusableGeneration: 1 }));
    answer.resolve(tokenFor(60_000));
    await fake.attempts(2);
    expect((await fresh(keeper, 1)).generation).toBe(2);
  });

  it('runs again when the execution that it cut had not sent anything', async () => {
    const { keeper, fake } = await rig.keeper(preparing(), {}, tokenFor(60_000));
    await fake.attempts(1);
    await keeper.signal(forceRefreshSignal, forceRequest());
    expect((await fresh(keeper)).generation).toBe(1);
    expect(fake.requests.map(({ reason }) => reason)).toEqual(['due', 'forced']);
  });

  it('runs again at once after a cut attempt that failed: the backoff is what a force cuts', async () => {
    const answer = deferred<Step>();
    const { keeper, fake } = await rig.keeper(onTheWay(answer.promise), {}, tokenFor(60_000));
    await fake.attempts(1);
    await keeper.signal(forceRefreshSignal, forceRequest());
    answer.resolve(failing('TransientRefreshError', 'http_503', 3_600_000));
    expect((await fresh(keeper)).generation).toBe(1);
    expect(fake.requests.map(({ reason }) => reason)).toEqual(['due', 'forced']);
  });

  it('tells the activity when an operator overrides a Retry-After', async () => {
    const { keeper, fake } = await rig.keeper(tokenFor(60_000));
    await fresh(keeper);
    await keeper.signal(forceRefreshSignal, forceRequest({ cuts: 'retry-after' }));
    await fake.attempts(2);
    expect(fake.requests[1]?.reason).toBe('forced-now');
  });
});

describe('ensureFresh', () => {
  it('answers at once when the token satisfies, without a refresh', async () => {
    const { keeper, fake } = await rig.keeper(tokenFor(600_000));
    await fresh(keeper);
    await keeper.executeUpdate(ensureFreshUpdate, {
      args: [freshRequest({ minValidityMs: 300_000 })],
    });
    expect(fake.requests).toHaveLength(1);
  });

  it('refuses what no fresh token could satisfy', async () => {
    const { keeper, fake } = await rig.keeper(tokenFor(60_000));
    await fresh(keeper);
    await expect(
      keeper.executeUpdate(ensureFreshUpdate, { args: [freshRequest({ minValidityMs: 60_000 })] }),
    ).rejects.toMatchObject({ cause: { type: 'UnsatisfiableValidityError' } });
    expect(fake.requests).toHaveLength(1);
  });

  it('makes one request for callers that wait together', async () => {
    const { keeper, fake } = await rig.keeper(tokenFor(600_000));
    await fresh(keeper);
    const waiting = Array.from({ length: CALLERS_WAITING_MAX }, () => fresh(keeper, 1));
    const answers = await Promise.all(waiting);
    expect(new Set(answers.map(({ generation }) => generation))).toEqual(new Set([2]));
    expect(fake.requests).toHaveLength(2);
  });

  it('lets only so many callers wait that owners find room, and answers whoever need not wait', async () => {
    const answer = deferred<Step>();
    const { keeper } = await rig.keeper(tokenFor(600_000), {}, onTheWay(answer.promise));
    await fresh(keeper);
    const waits = () =>
      keeper.startUpdate(ensureFreshUpdate, {
        args: [freshRequest({ afterGeneration: 1 })],
        waitForStage: 'ACCEPTED',
      });
    const waiting = await Promise.all(Array.from({ length: CALLERS_WAITING_MAX }, waits));
    await expect(fresh(keeper, 1)).rejects.toMatchObject({
      cause: { type: 'TooManyCallersError' },
    });
    expect(await fresh(keeper)).toMatchObject({ generation: 1 });
    answer.resolve(tokenFor(600_000));
    const answers = await Promise.all(waiting.map((update) => update.result()));
    expect(new Set(answers.map(({ generation }) => generation))).toEqual(new Set([2]));
    expect(await fresh(keeper, 1)).toMatchObject({ generation: 2 });
  });

  it('gives up after 10 s and says so', async () => {
    const { keeper } = await rig.keeper(failing('TransientRefreshError', 'http_503', 3_600_000));
    await expect(fresh(keeper)).rejects.toMatchObject({ cause: { type: 'NotFreshInTimeError' } });
  });

  it('gives waiting callers the permanent failure when the keeper ends', async () => {
    const answer = deferred<Step>();
    const { keeper, fake } = await rig.keeper(onTheWay(answer.promise));
    await fake.attempts(1);
    const waiting = await keeper.startUpdate(ensureFreshUpdate, {
      waitForStage: 'ACCEPTED',
      args: [freshRequest()],
    });
    answer.resolve(failing('PermanentRefreshError', 'invalid_grant'));
    await expect(waiting.result()).rejects.toMatchObject({
      cause: { type: 'PermanentRefreshError' },
    });
  });
});

describe('a keeper that stops or is cancelled', () => {
  it('takes no change any more, so that nobody is told of one that will not be kept', async () => {
    const answer = deferred<Step>();
    const { keeper, fake, spec } = await rig.keeper(onTheWay(answer.promise));
    await fake.attempts(1);
    await keeper.signal(stopSignal);
    await expect(
      keeper.executeUpdate(applyUpdate, { args: [applyRequest(spec)] }),
    ).rejects.toMatchObject({
      cause: { type: 'KeeperStoppedError' },
    });
    answer.resolve(tokenFor(60_000));
    expect(await keeper.result()).toEqual({ status: 'stopped', generation: 1 });
  });

  it('tells callers that wait that it was stopped', async () => {
    const answer = deferred<Step>();
    const { keeper, fake } = await rig.keeper(onTheWay(answer.promise));
    await fake.attempts(1);
    const waiting = await keeper.startUpdate(ensureFreshUpdate, {
      waitForStage: 'ACCEPTED',
      args: [freshRequest()],
    });
    await keeper.cancel();
    answer.resolve(failing('TransientRefreshError', 'http_503', 1_000));
    await expect(waiting.result()).rejects.toMatchObject({ cause: { type: 'KeeperStoppedError' } });
  });
});

describe('a permanent failure', () => {
  it('ends the keeper as Failed with a readable reason, and the token is still answered', async () => {
    const { keeper, fake } = await rig.keeper(
      tokenFor(600_000),
      {},
      failing('PermanentRefreshError', 'invalid_grant'),
    );
    await fresh(keeper);
    await keeper.signal(forceRefreshSignal, forceRequest({ unusableGeneration: 1 }));
    await fake.attempts(2);
    await expect(keeper.result()).rejects.toMatchObject({
      cause: {
        type: 'PermanentRefreshError',
        message: expect.stringMatching(
          /^no token \[provider=oauth2, code=invalid_grant\]: the provider refuses this material for good; .* run: evertoken reauthorize /,
        ) as string,
        details: [{ provider: 'oauth2', code: 'invalid_grant' }],
      },
    });
    expect((await keeper.describe()).status.name).toBe('FAILED');
    expect((await shownToOperators(keeper))['EvertokenStatus']).toBe('failed');
    expect(await keeper.query(tokenQuery)).toMatchObject({
      status: 'failed',
      generation: 1,
      token: { value: 'access-1.1' },
    });
  });
});

describe('a rejected client', () => {
  it('is shown, and a repaired client secret wakes the keeper at once', async () => {
    const { keeper, fake, spec } = await rig.keeper(
      failing('ClientRejectedError', 'invalid_client'),
      {},
      tokenFor(60_000),
    );
    await expect
      .poll(async () => (await shownToOperators(keeper))['EvertokenStatus'], {
        timeout: 60_000,
      })
      .toBe('client-rejected');
    const repaired = specOf(spec.id, {
      material: { refreshToken: 'refresh-0', clientSecret: 'secret-new' },
      fingerprints: { refreshToken: 'f0', clientSecret: 'fs-new' },
    });
    expect(await keeper.executeUpdate(applyUpdate, { args: [applyRequest(repaired)] })).toBe(
      'updated',
    );
    expect((await fresh(keeper)).status).toBe('fresh');
    expect(fake.requests[1]?.material['clientSecret']).toBe('secret-new');
  });
});

describe('callers of a rejected client', () => {
  it('do not make the keeper hammer the provider with a refused secret', async () => {
    const { keeper, fake } = await rig.keeper(failing('ClientRejectedError', 'invalid_client'));
    await expect
      .poll(() => shownToOperators(keeper))
      .toMatchObject({
        EvertokenStatus: 'client-rejected',
      });
    await expect(fresh(keeper)).rejects.toMatchObject({ cause: { type: 'NotFreshInTimeError' } });
    expect(fake.requests).toHaveLength(1);
  });
});

it('a token that expires while no worker takes its refresh is shown as expired', async () => {
  const nowMs = Date.now();
  const seedToken = {
    value: 'seed',
    tokenType: 'Bearer',
    issuedAtMs: 0,
    expiresAtMs: nowMs + 3_000,
  };
  const seedLead = { shareOfLife: 0, leastMs: 60_000, mostMs: 60_000 };
  const { keeper } = await rig.keeper(tokenFor(60_000), {
    spec: { group: 'nobody-serves-it', seedToken, seedLead },
  });
  const shown = async (): Promise<unknown> => (await shownToOperators(keeper))['EvertokenStatus'];
  await expect.poll(shown).toBe('fresh');
  await expect.poll(shown).toBe('expired');
  await keeper.signal(stopSignal);
  expect(await keeper.result()).toMatchObject({ status: 'stopped' });
});

describe('a token that the file brought', () => {
  it('says nothing of how long a fresh one lives', async () => {
    const nowMs = Date.now();
    const seedToken = {
      value: 'seed',
      tokenType: 'Bearer',
      issuedAtMs: nowMs - 1_000,
      expiresAtMs: nowMs - 1_000,
    };
    const { keeper } = await rig.keeper(tokenFor(60_000), { spec: { seedToken } });
    const answer = await keeper.executeUpdate(ensureFreshUpdate, {
      args: [freshRequest({ minValidityMs: 30_000 })],
    });
    expect(answer.generation).toBe(1);
  });
});

describe('applying to a running keeper', () => {
  it('changes nothing when the same file is applied after rotations', async () => {
    const { keeper, spec } = await rig.keeper(tokenFor(600_000));
    await fresh(keeper);
    await fresh(keeper, 1);
    expect(await keeper.executeUpdate(applyUpdate, { args: [applyRequest(spec)] })).toBe(
      'unchanged',
    );
    const { spec: kept } = await keeper.query(carriedStateQuery);
    expect(kept.material['refreshToken']).toBe('refresh-1.2');
  });

  it('opens a new epoch for new material, and discards what the old one still brings', async () => {
    const answer = deferred<Step>();
    const { keeper, fake, spec } = await rig.keeper(
      tokenFor(600_000),
      {},
      onTheWay(answer.promise),
      tokenFor(600_000),
    );
    await fresh(keeper);
    await keeper.signal(forceRefreshSignal, forceRequest({ unusableGeneration: 1 }));
    await fake.attempts(2);
    const renewed = specOf(spec.id, {
      material: { refreshToken: 'refresh-new', clientSecret: 'secret' },
      fingerprints: { refreshToken: 'f-new', clientSecret: 'fs' },
    });
    expect(await keeper.executeUpdate(applyUpdate, { args: [applyRequest(renewed)] })).toBe(
      'reauthorized',
    );
    answer.resolve(tokenFor(600_000));
    const answerAfter = await fresh(keeper, 1);
    expect(answerAfter.token?.value).toBe('access-2.2');
    expect(fake.requests.at(-1)).toMatchObject({
      epoch: 2,
      material: { refreshToken: 'refresh-new' },
    });
  });

  it('refuses the credential of another keeper', async () => {
    const { keeper } = await rig.keeper(tokenFor(60_000));
    await expect(
      keeper.executeUpdate(applyUpdate, { args: [applyRequest(specOf('somebody/else'))] }),
    ).rejects.toMatchObject({ cause: { type: 'ApplyRefusedError' } });
  });
});

describe('continue-as-new', () => {
  it('loses no signal and no state when messages make a run too long', async () => {
    const { keeper, fake } = await rig.keeper(tokenFor(3_600_000));
    await fresh(keeper);
    const first = (await keeper.describe()).runId;
    for (let round = 0; round < 11; round += 1) {
      await Promise.all(
        Array.from({ length: 100 }, () =>
          keeper.signal(forceRefreshSignal, forceRequest({ unusableGeneration: 0 })),
        ),
      );
    }
    await expect.poll(async () => (await keeper.describe()).runId).not.toBe(first);
    expect(await keeper.query(tokenQuery)).toMatchObject({ generation: 1, status: 'fresh' });
    await keeper.signal(forceRefreshSignal, forceRequest({ unusableGeneration: 1 }));
    expect((await fresh(keeper, 1)).generation).toBe(2);
    expect(fake.requests).toHaveLength(2);
  });
});

/** Waits for a token. A loaded server may give the update up; asked again, it is the same question. */
async function fresh(keeper: Keeper, afterGeneration?: number): Promise<TokenAnswer> {
  const request = freshRequest(afterGeneration === undefined ? {} : { afterGeneration });
  for (;;) {
    try {
      return await keeper.executeUpdate(ensureFreshUpdate, { args: [request] });
    } catch (error) {
      if (!(error instanceof ServiceError)) throw error;
    }
  }
}

async function shownToOperators(keeper: Keeper): Promise<Record<string, unknown>> {
  const { typedSearchAttributes } = await keeper.describe();
  return Object.fromEntries(
    typedSearchAttributes.getAll().map(({ key, value }) => [key.name, value]),
  );
}

interface Deferred<Value> {
  readonly promise: Promise<Value>;
  resolve(value: Value): void;
}

function deferred<Value>(): Deferred<Value> {
  let resolve: (value: Value) => void = () => undefined;
  const promise = new Promise<Value>((settle) => {
    resolve = settle;
  });
  return { promise, resolve };
}
