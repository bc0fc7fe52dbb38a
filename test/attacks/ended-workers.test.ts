import { Client } from '@temporalio/client';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { statusQuery } from '../../src/contract/message-definitions.js';
import { keeperWorkflowId } from '../../src/contract/names.js';
import { createDataConverter } from '../../src/encryption/data-converter.js';
import { generateKey, KeyRing } from '../../src/encryption/key-ring.js';
import { KeeperAdministration } from '../../src/keepers/administration.js';
import { FullStack } from '../support/full-stack.js';
import { openTestNamespace } from '../support/test-namespace.js';
import { Attacker, plain } from './attacker.js';

const KEY = generateKey();

let stack: FullStack;
beforeEach(async () => {
  const env = { EVERTOKEN_ENCRYPTION_KEYS: KEY };
  stack = await FullStack.open({ openNamespace: openTestNamespace, env });
});
afterEach(() => stack.close());

function clientWith(keys: string | undefined): Client {
  const { connection, options } = stack.client;
  const keyRing = keys === undefined ? undefined : KeyRing.parse(keys);
  const dataConverter =
    keyRing === undefined ? {} : createDataConverter({ keyRing, allowPlaintext: false });
  return new Client({ connection, namespace: options.namespace, dataConverter });
}

/** A worker has seen the task of a workflow, and failed it: the task is at its second attempt. */
async function taskHasFailed(id: string): Promise<void> {
  const { workflowService, options } = stack.client;
  const attempt = async (): Promise<number> => {
    const { pendingWorkflowTask } = await workflowService.describeWorkflowExecution({
      namespace: options.namespace,
      execution: { workflowId: keeperWorkflowId(id) },
    });
    return pendingWorkflowTask?.attempt ?? 0;
  };
  await expect.poll(attempt).toBeGreaterThan(1);
}

async function othersAreServed(): Promise<void> {
  const other = stack.spec('vmware-csp', 'other/keeper');
  await new KeeperAdministration(stack.client).apply(other);
  const handle = stack.client.workflow.getHandle(keeperWorkflowId(other.id));
  const generation = async (): Promise<number | undefined> =>
    (await handle.query(statusQuery).catch(() => undefined))?.generation;
  await expect.poll(generation).toBe(1);
}

it('nobody ends a worker by starting a workflow of an unknown type on its queue', async () => {
  const id = 'attack/unknown-type';
  const attacker = new Attacker(clientWith(undefined));
  await attacker.start(id, { type: 'noSuchWorkflow', queue: 'evertoken', payloads: [plain('1')] });
  await taskHasFailed(id);
  await othersAreServed();
}, 90_000);

it('a worker that lacks a key waits with that one keeper, and serves the others', async () => {
  const id = 'missing/key';
  // Somebody who applies has the new key in front already; this worker was forgotten.
  const early = clientWith(`${generateKey()},${KEY}`);
  await new KeeperAdministration(early).apply(stack.spec('vmware-csp', id));
  await taskHasFailed(id);
  await othersAreServed();
}, 90_000);
