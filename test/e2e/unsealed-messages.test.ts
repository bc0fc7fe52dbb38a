import { Client } from '@temporalio/client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  carriedStateQuery,
  ensureFreshUpdate,
  forceRefreshSignal,
  applyUpdate,
  statusQuery,
} from '../../src/contract/message-definitions.js';
import { FullStack, type Keeper } from '../support/full-stack.js';
import { applyRequest, forceRequest, freshRequest } from '../support/requests.js';
import { openTestNamespace } from '../support/test-namespace.js';

describe('a message that was not sealed', () => {
  let stack: FullStack;
  let keeper: Keeper;
  let careless: Keeper;
  beforeAll(async () => {
    stack = await FullStack.open({ openNamespace: openTestNamespace });
    keeper = await stack.startKeeper(stack.spec('abitmedia', 'acme/careless'));
    await keeper.executeUpdate(ensureFreshUpdate, { args: [freshRequest()] });
    const { connection, options } = stack.client;
    const client = new Client({ connection, namespace: options.namespace });
    careless = client.workflow.getHandle(keeper.workflowId);
  });
  afterAll(() => stack.close());

  it('is ignored as a signal, and the keeper goes on', async () => {
    await careless.signal(forceRefreshSignal, forceRequest({ unusableGeneration: 1 }));
    expect(await keeper.query(statusQuery)).toMatchObject({ generation: 1, forcePending: false });
    expect(stack.standIns.of('abitmedia').refreshes).toBe(1);
  });

  it('is refused as an update, so that nobody without a key can change the material', async () => {
    const forged = { ...stack.spec('abitmedia', 'acme/careless') };
    // The refusal itself is sealed, so the careless client cannot even read it.
    await expect(
      careless.executeUpdate(applyUpdate, { args: [applyRequest(forged)] }),
    ).rejects.toThrow();
    await expect(
      careless.executeUpdate(ensureFreshUpdate, { args: [freshRequest()] }),
    ).rejects.toThrow();
    expect(await keeper.query(carriedStateQuery)).toMatchObject({ epoch: 1, generation: 1 });
    const answer = await keeper.executeUpdate(ensureFreshUpdate, {
      args: [freshRequest({ afterGeneration: 1 })],
    });
    expect(answer.generation).toBe(2);
  });
});
