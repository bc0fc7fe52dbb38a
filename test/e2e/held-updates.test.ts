import { Client, type Connection, WorkflowUpdateFailedError } from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { connectTokens } from '../../src/client/connect-tokens.js';
import { ensureFreshUpdate, statusQuery } from '../../src/contract/message-definitions.js';
import { keeperWorkflowId } from '../../src/contract/names.js';
import { createDataConverter } from '../../src/encryption/data-converter.js';
import { KeyRing } from '../../src/encryption/key-ring.js';
import { KeeperAdministration } from '../../src/keepers/administration.js';
import { createClient, openConnection } from '../../src/temporal/connection.js';
import { FullStack, type Keeper } from '../support/full-stack.js';
import { openTestNamespace } from '../support/test-namespace.js';

/** More than the server takes updates of one workflow at a time. */
const CALLERS = 12;

let stack: FullStack;
let connection: Connection;
let keepers: KeeperAdministration;

beforeAll(async () => {
  stack = await FullStack.open({ openNamespace: openTestNamespace });
  const { address, namespace } = stack.namespace;
  const target = { address, namespace, options: { address } };
  connection = await openConnection(target);
  keepers = new KeeperAdministration(createClient(target, connection, stack.config.encryption));
});
afterAll(async () => {
  await connection.close();
  await stack.close();
});

const keeperOf = (id: string): Keeper => stack.client.workflow.getHandle(keeperWorkflowId(id));

describe('an owner is not kept out', () => {
  it('by a service that asks again and again, with a reader’s key, for what cannot come', async () => {
    const spec = stack.spec('abitmedia', 'held/asked');
    await keepers.apply(spec);
    await expect
      .poll(async () => (await keeperOf(spec.id).query(statusQuery)).generation, {
        timeout: 60_000,
      })
      .toBe(1);
    const owner = KeyRing.parse(stack.env['EVERTOKEN_ENCRYPTION_KEYS'] ?? '');
    const keyRing = KeyRing.parseReaderKeys(owner.readerKeys('held/').join());
    const reader = new Client({
      connection: stack.client.connection,
      namespace: stack.client.options.namespace,
      dataConverter: createDataConverter({ keyRing, allowPlaintext: false }),
    }).workflow.getHandle(keeperWorkflowId(spec.id));

    // The generation is an old one, so no refresh is asked for; each would wait for ten seconds all the same.
    let isOver = false;
    const refusals = new Set<string>();
    const asking = Array.from({ length: CALLERS }, async () => {
      const request = { minValidityMs: 3_599_000, generation: -1, afterGeneration: 1 };
      while (!isOver) {
        await reader
          .executeUpdate(ensureFreshUpdate, { args: [request] })
          .catch((error: unknown) => refusals.add(failureTypeOf(error)));
      }
    });
    await expect.poll(() => [...refusals]).toContain('TooManyCallersError');
    const outcomes: string[] = [];
    while (outcomes.length < 5) outcomes.push((await keepers.apply(spec)).outcome);
    isOver = true;
    await Promise.all(asking);
    expect(new Set(outcomes)).toEqual(new Set(['unchanged']));
  }, 90_000);

  it('by many services that wait for the token of a client that it repairs, and that they then get', async () => {
    const good = stack.spec('oauth2', 'held/repaired');
    await keepers.apply({
      ...good,
      material: { ...good.material, clientSecret: 'wrong' },
      fingerprints: { ...good.fingerprints, clientSecret: 'wrong' },
    });
    await expect
      .poll(async () => (await keeperOf(good.id).query(statusQuery)).status)
      .toBe('client-rejected');
    const { address, namespace } = stack.namespace;
    const env = { ...stack.env, TEMPORAL_ADDRESS: address, TEMPORAL_NAMESPACE: namespace };
    const services = await Promise.all(
      Array.from({ length: CALLERS }, () => connectTokens({ env })),
    );
    const waiting = services.map((tokens) => tokens.get(good.id));
    // Whoever comes too late for one of the few places that wait asks for the refresh by a signal.
    await expect.poll(() => signalsOf(good.id)).toBeGreaterThan(0);
    expect(await keepers.apply(good)).toEqual({ outcome: 'updated' });
    const tokens = await Promise.all(waiting);
    expect(new Set(tokens.map(({ status }) => status))).toEqual(new Set(['fresh']));
    await Promise.all(services.map((service) => service.close()));
  }, 120_000);
});

function failureTypeOf(error: unknown): string {
  const cause = error instanceof WorkflowUpdateFailedError ? error.cause : undefined;
  return (cause instanceof ApplicationFailure ? cause.type : undefined) ?? 'none';
}

async function signalsOf(id: string): Promise<number> {
  const { events } = await keeperOf(id).fetchHistory();
  const signals = (events ?? []).filter((event) => event.workflowExecutionSignaledEventAttributes);
  return signals.length;
}
