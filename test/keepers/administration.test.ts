import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Client } from '@temporalio/client';
import { connectTokens } from '../../src/client/connect-tokens.js';
import { TokenClient } from '../../src/client/token-client.js';
import type { CredentialSpec } from '../../src/contract/credential.js';
import type { KeeperState } from '../../src/contract/keeper.js';
import { carriedStateQuery } from '../../src/contract/message-definitions.js';
import { KEEPER_WORKFLOW_TYPE, keeperWorkflowId } from '../../src/contract/names.js';
import { PROVIDER_ATTRIBUTE } from '../../src/contract/search-attributes.js';
import { createDataConverter } from '../../src/encryption/data-converter.js';
import { generateKey, KeyRing } from '../../src/encryption/key-ring.js';
import { KeeperAdministration } from '../../src/keepers/administration.js';
import { TemporalKeepers } from '../../src/keepers/temporal-keepers.js';
import { startingState } from '../../src/policy/beginning.js';
import { FullStack } from '../support/full-stack.js';
import { replyWith } from '../support/provider-scripts.js';
import { applyRequest } from '../support/requests.js';
import { openTestNamespace } from '../support/test-namespace.js';

let stack: FullStack;
let keepers: KeeperAdministration;

beforeAll(async () => {
  stack = await FullStack.open({ openNamespace: openTestNamespace });
  keepers = new KeeperAdministration(stack.client);
});
afterAll(() => stack.close());

/** A client as another process has it: with a cache of its own. */
function newReader(client = stack.client): TokenClient {
  return new TokenClient(new TemporalKeepers(client));
}

async function ended(id: string): Promise<void> {
  await stack.client.workflow
    .getHandle(keeperWorkflowId(id))
    .result()
    .catch(() => undefined);
}

describe('apply', () => {
  it('starts a keeper, and changes nothing when it is repeated', async () => {
    const spec = stack.spec('klavi', 'apply/once');
    await expect(keepers.apply(spec)).resolves.toEqual({ outcome: 'started' });
    await expect(keepers.apply(spec)).resolves.toEqual({ outcome: 'unchanged' });
    await expect(newReader().get(spec.id)).resolves.toMatchObject({ generation: 0 });
  });

  it('knows what is new and what is unchanged without asking a keeper', async () => {
    const spec = stack.spec('klavi', 'apply/known');
    const other = { ...spec, timing: { leadMs: 60_000 } };
    const knownOf = async (one: CredentialSpec) => (await keepers.known([one])).get(one.id)?.is;
    expect(await knownOf(spec)).toBe('new');
    await keepers.apply(spec, { isNew: true });
    await newReader().refresh(spec.id, { afterGeneration: 0 });
    expect([await knownOf(spec), await knownOf(other)]).toEqual(['unchanged', undefined]);
    // However new it seems, a keeper that is there is never started anew.
    await expect(keepers.apply(other, { isNew: true })).resolves.toEqual({ outcome: 'updated' });
    await keepers.stop(spec.id);
    await ended(spec.id);
    await expect(keepers.apply(other, { isNew: true })).resolves.toEqual({ outcome: 'restarted' });
  });

  it('spreads the refreshes of credentials that are applied at once: the first ones, and all that follow', async () => {
    const specs = Array.from({ length: 20 }, (_, index) =>
      stack.spec('oracle-commerce', `apply/herd-${index}`),
    );
    const port = new TemporalKeepers(stack.client);
    /** Seconds between the shortest and the longest lead; jitter may take a minute of an hour's token. */
    const spreadS = async (): Promise<number> => {
      const answers = await Promise.all(specs.map(({ id }) => port.token(id)));
      const leads = answers.map(
        ({ token, nextRefreshAtMs = 0 }) => (token?.expiresAtMs ?? 0) - nextRefreshAtMs,
      );
      return (Math.max(...leads) - Math.min(...leads)) / 1_000;
    };
    await Promise.all(specs.map((spec) => keepers.apply(spec)));
    expect(await spreadS()).toBeGreaterThan(15);
    const reader = newReader();
    await Promise.all(specs.map(({ id }) => reader.refresh(id, { afterGeneration: 0 })));
    expect(await spreadS()).toBeGreaterThan(15);
  });

  it('lets a keeper that was started without search attributes show them from its next refresh on', async () => {
    const spec = stack.spec('klavi', 'apply/attributes');
    const handle = stack.client.workflow.getHandle(keeperWorkflowId(spec.id));
    const shown = async (): Promise<unknown> =>
      (await handle.describe()).typedSearchAttributes.get(PROVIDER_ATTRIBUTE);
    const without = new KeeperAdministration(stack.client, undefined, 'off');
    await expect(without.apply(spec)).resolves.toEqual({ outcome: 'started' });
    await newReader().get(spec.id);
    expect(await shown()).toBeUndefined();
    await expect(keepers.apply(spec)).resolves.toEqual({ outcome: 'unchanged' });
    await newReader().refresh(spec.id, { afterGeneration: 0 });
    await expect.poll(shown).toBe('klavi');
  });

  it('lets two who apply at once agree on one keeper', async () => {
    const spec = stack.spec('tavio', 'apply/race');
    const outcomes = await Promise.all(
      [1, 2, 3].map(async () => (await new KeeperAdministration(stack.client).apply(spec)).outcome),
    );
    expect(outcomes.sort()).toEqual(['started', 'unchanged', 'unchanged']);
  });

  it('opens a new epoch for new material and goes on with the generation', async () => {
    const id = 'apply/reauthorize';
    await keepers.apply(stack.spec('tavio', id));
    await newReader().refresh(id);
    await expect(keepers.apply(stack.spec('tavio', id))).resolves.toEqual({
      outcome: 'reauthorized',
    });
    const status = await newReader().status(id);
    expect([status.epoch, status.generation]).toEqual([2, 2]);
  });

  it('goes on after a stop in a new run, with all that the old one knew', async () => {
    const spec = stack.spec('abitmedia', 'apply/again');
    await keepers.apply(spec);
    await newReader().refresh(spec.id, { afterGeneration: 0 });
    await keepers.stop(spec.id);
    await ended(spec.id);
    const before = await newReader().status(spec.id);
    expect(before.status).toBe('stopped');
    await expect(keepers.apply(spec)).resolves.toEqual({ outcome: 'restarted' });
    const fresh = await newReader().refresh(spec.id);
    expect(fresh.generation).toBe(before.generation + 1);
  });

  it('waits for a keeper that is stopping, and is then kept by a new run', async () => {
    const spec = stack.spec('klavi', 'apply/while-stopping');
    await keepers.apply(spec);
    await keepers.stop(spec.id);
    await expect(keepers.apply(spec)).resolves.toEqual({ outcome: 'restarted' });
    expect((await newReader().status(spec.id)).status).toBe('fresh');
  });

  it('goes on after an end from outside that came between an event and its workflow task', async () => {
    const spec = stack.spec('abitmedia', 'apply/ended-between');
    await keepers.apply(spec);
    await newReader().refresh(spec.id, { afterGeneration: 0 });
    const handle = stack.client.workflow.getHandle(keeperWorkflowId(spec.id));
    await stack.stopWorkers();
    await handle.signal('forceRefresh');
    await handle.terminate();
    await stack.startWorkers();
    await expect(keepers.apply(spec)).resolves.toEqual({ outcome: 'restarted' });
    await expect(newReader().get(spec.id)).resolves.toMatchObject({ status: 'fresh' });
    expect(stack.standIns.of('abitmedia').spent).toHaveLength(
      new Set(stack.standIns.of('abitmedia').spent).size,
    );
  });

  it('refuses the material that ended a keeper, and takes new material', async () => {
    const spec = stack.spec('abitmedia', 'apply/dead');
    await keepers.apply(spec);
    await newReader().get(spec.id);
    stack.standIns
      .of('abitmedia')
      .answerNext(
        replyWith({ status: 400, body: '{"success":false,"status":400,"message":"inválido"}' }),
      );
    await expect(newReader().refresh(spec.id)).rejects.toMatchObject({
      code: 'PERMANENTLY_FAILED',
      failure: { provider: 'abitmedia', httpStatus: 400 },
    });
    await ended(spec.id);
    await expect(keepers.apply(spec)).resolves.toMatchObject({ outcome: 'refused' });
    const renewed = stack.spec('abitmedia', spec.id);
    await expect(keepers.apply(renewed)).resolves.toEqual({ outcome: 'reauthorized' });
    await expect(newReader().get(spec.id)).resolves.toMatchObject({ status: 'fresh' });
  });
});

describe('apply to a run that ended before its first task', () => {
  it('goes on with the material that the run was started with, and never with the spent one of the file', async () => {
    const spec = stack.spec('abitmedia', 'apply/untouched');
    await keepers.apply(spec);
    await newReader().refresh(spec.id, { afterGeneration: 0 });
    await keepers.stop(spec.id);
    await ended(spec.id);
    await stack.client.workflow.start(KEEPER_WORKFLOW_TYPE, {
      workflowId: keeperWorkflowId(spec.id),
      taskQueue: 'nobody serves this queue',
      args: [{ state: rotatedState(spec), useSearchAttributes: true }],
    });
    await stack.client.workflow.getHandle(keeperWorkflowId(spec.id)).terminate();
    await expect(keepers.apply(spec)).resolves.toEqual({ outcome: 'restarted' });
    const state = await stack.client.workflow
      .getHandle(keeperWorkflowId(spec.id))
      .query(carriedStateQuery);
    expect(state.epoch).toBe(7);
    expect(state.spec.material['refreshToken']).toBe('rotated-away');
  });

  function rotatedState(spec: CredentialSpec): KeeperState {
    const rotated = { ...spec, material: { ...spec.material, refreshToken: 'rotated-away' } };
    const seedToken = {
      value: 'still-valid',
      tokenType: 'Bearer',
      issuedAtMs: Date.now(),
      expiresAtMs: Date.now() + 3_600_000,
    };
    const request = applyRequest({ ...rotated, seedToken }, { application: 1 });
    return { ...startingState(request, Date.now()), epoch: 7 };
  }
});

describe('the status of a refresh that does not succeed', () => {
  it('says why, which attempt it is and when the next one comes', async () => {
    const spec = stack.spec('abitmedia', 'status/retrying');
    const standIn = stack.standIns.of('abitmedia');
    for (let count = 0; count < 20; count += 1) standIn.answerNext(replyWith({ status: 503 }));
    await keepers.apply(spec);
    await expect
      .poll(() => newReader().status(spec.id), { timeout: 60_000, interval: 250 })
      .toMatchObject({
        refreshing: true,
        attempt: 3,
        nextAttemptAtMs: expect.any(Number) as number,
        lastFailure: { type: 'TransientRefreshError', code: 'http_503', httpStatus: 503 },
      });
    await keepers.stop(spec.id);
    await ended(spec.id);
    while (standIn.scriptsLeft > 0) {
      await fetch(`${standIn.baseUrl}/v1/refreshToken`, { method: 'POST', body: '{}' });
    }
  });
});

describe('stop', () => {
  it('may be repeated, but not for a credential that nobody ever kept', async () => {
    const spec = stack.spec('klavi', 'stop/twice');
    await keepers.apply(spec);
    await expect(keepers.stop(spec.id)).resolves.toBe('stopping');
    await ended(spec.id);
    await expect(keepers.stop(spec.id)).resolves.toBe('already-ended');
    await expect(keepers.stop('stop/never')).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });
});

describe('a reader', () => {
  it('lets 100 callers in one process make one request to the provider', async () => {
    const spec = stack.spec('oracle-commerce', 'read/crowd');
    await keepers.apply(spec);
    const before = stack.standIns.of('oracle-commerce').refreshes;
    const reader = newReader();
    const { generation } = await reader.get(spec.id);
    const all = await Promise.all(
      Array.from({ length: 100 }, () => reader.refresh(spec.id, { afterGeneration: generation })),
    );
    expect(new Set(all.map(({ token }) => token)).size).toBe(1);
    expect(stack.standIns.of('oracle-commerce').refreshes - before).toBe(1);
  });

  it('meets no limit of the server when 30 processes want the same refresh', async () => {
    const spec = stack.spec('klavi', 'read/processes');
    await keepers.apply(spec);
    const before = stack.standIns.of('klavi').refreshes;
    const { address, namespace } = stack.namespace;
    const env = { ...stack.env, TEMPORAL_ADDRESS: address, TEMPORAL_NAMESPACE: namespace };
    const readers = await Promise.all(Array.from({ length: 30 }, () => connectTokens({ env })));
    const all = await Promise.all(
      readers.map((reader) => reader.refresh(spec.id, { afterGeneration: 0 })),
    );
    expect(new Set(all.map(({ generation }) => generation))).toEqual(new Set([1]));
    expect(stack.standIns.of('klavi').refreshes - before).toBe(1);
    await Promise.all(readers.map((reader) => reader.close()));
  });

  it('is told that a credential does not exist', async () => {
    await expect(newReader().get('read/none')).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });

  it('is told when no token lives as long as it wants', async () => {
    const spec = stack.spec('klavi', 'read/long');
    await keepers.apply(spec);
    await expect(newReader().get(spec.id, { minValidityMs: 2 * 3_600_000 })).rejects.toThrow(
      RangeError,
    );
  });

  it('with other keys is told that it cannot decipher, and shown no secret', async () => {
    const spec = stack.spec('klavi', 'read/keys');
    await keepers.apply(spec);
    const keyRing = KeyRing.parse(generateKey());
    const stranger = new Client({
      connection: stack.client.connection,
      namespace: stack.namespace.namespace,
      dataConverter: createDataConverter({ keyRing, allowPlaintext: false }),
    });
    await expect(newReader(stranger).get(spec.id)).rejects.toMatchObject({
      code: 'UNDECIPHERABLE',
    });
  });

  it('serves the valid token of a terminated keeper, and then says that it has ended', async () => {
    const spec = stack.spec('klavi', 'read/terminated');
    await keepers.apply(spec);
    await newReader().get(spec.id);
    await stack.client.workflow.getHandle(keeperWorkflowId(spec.id)).terminate();
    await expect(newReader().get(spec.id)).resolves.toMatchObject({ generation: 0 });
    await expect(newReader().refresh(spec.id)).rejects.toMatchObject({
      code: 'PERMANENTLY_FAILED',
      failure: { code: 'keeper_ended' },
    });
    await expect(keepers.apply(spec)).resolves.toEqual({ outcome: 'restarted' });
  });

  it('lists each credential once, by its newest run', async () => {
    const spec = stack.spec('vmware-csp', 'list/one');
    await keepers.apply(spec);
    await newReader().get(spec.id);
    await keepers.stop(spec.id);
    await ended(spec.id);
    await keepers.apply(spec);
    const mine = async () =>
      (await newReader().list({ provider: 'vmware-csp' })).filter(({ id }) => id === spec.id);
    await expect.poll(async () => (await mine()).map(({ status }) => status)).toEqual(['fresh']);
    const [found] = await mine();
    expect(found?.expiresAtMs).toBeGreaterThan(Date.now());
  });
});

describe('without a worker', () => {
  it('a reader gets the valid token, and is told so where it needs a fresh one', async () => {
    const spec = stack.spec('klavi', 'away/worker');
    await keepers.apply(spec);
    const knowing = newReader();
    const known = await knowing.get(spec.id);
    await stack.stopWorkers();
    try {
      await expect(newReader().get(spec.id)).resolves.toEqual(known);
      await expect(knowing.refresh(spec.id)).rejects.toMatchObject({
        code: 'UNAVAILABLE',
        message: expect.stringContaining('no worker answers') as unknown,
      });
      await expect(knowing.get(spec.id)).resolves.toEqual(known);
    } finally {
      await stack.startWorkers();
    }
    await expect(newReader().get(spec.id)).resolves.toMatchObject({ token: known.token });
  });
});
