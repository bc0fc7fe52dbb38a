import { Client } from '@temporalio/client';
import type { Payload } from '@temporalio/common';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { statusQuery } from '../../src/contract/message-definitions.js';
import { keeperWorkflowId } from '../../src/contract/names.js';
import { createDataConverter } from '../../src/encryption/data-converter.js';
import { generateKey, KeyRing } from '../../src/encryption/key-ring.js';
import { KeeperAdministration } from '../../src/keepers/administration.js';
import { FullStack } from '../support/full-stack.js';
import { openTestNamespace } from '../support/test-namespace.js';
import { Attacker } from './attacker.js';
import { reaches } from './reaches.js';

const OLD = generateKey();
const NEW = generateKey();
const ID = 'retired/key';

let stack: FullStack;
beforeAll(async () => {
  stack = await FullStack.open({
    openNamespace: openTestNamespace,
    // Step 2 of changing the key: the old one seals, the new one is known everywhere.
    env: { EVERTOKEN_ENCRYPTION_KEYS: `${OLD},${NEW}` },
  });
});
afterAll(() => stack.close());

function clientWith(keys: string): Client {
  const { connection, options } = stack.client;
  const dataConverter = createDataConverter({
    keyRing: KeyRing.parse(keys),
    allowPlaintext: false,
  });
  return new Client({ connection, namespace: options.namespace, dataConverter });
}

async function moved(keys: string): Promise<void> {
  await stack.stopWorkers();
  await stack.startWorkers({ env: { EVERTOKEN_ENCRYPTION_KEYS: keys } });
}

/** A copy of a sealed payload that names another key. */
function relabelled(sealed: Payload | undefined, keyId: string): Payload {
  const metadata = { ...sealed?.metadata, 'encryption-key-id': Buffer.from(keyId) };
  return { ...sealed, metadata };
}

it('nobody freezes a keeper of two keys by replaying what one of them sealed under the id of a made-up one', async () => {
  const id = 'made-up/key';
  const attacker = Attacker.beside(stack.client);
  const keepers = new KeeperAdministration(stack.client);
  const status = () => stack.client.workflow.getHandle(keeperWorkflowId(id)).query(statusQuery);
  await keepers.apply(stack.spec('vmware-csp', id));
  await reaches(stack.client, id, 1);
  await keepers.forceRefresh(id, { unusableGeneration: 1 });
  await reaches(stack.client, id, 2);
  const [recorded] = await attacker.signals(id);
  // The other key of the ring proves the one that sealed it: only so a worker may take a key for a missing one.
  expect(recorded?.metadata?.['evertoken-key-proofs']).toHaveLength(16);

  await attacker.signal(id, 'forceRefresh', [relabelled(recorded, 'made-up')]);
  expect(await status()).toMatchObject({ generation: 2, forcePending: false, refreshing: false });

  await keepers.forceRefresh(id, { unusableGeneration: 2, cuts: 'retry-after' });
  await reaches(stack.client, id, 3);
}, 120_000);

it('nobody freezes a keeper, once a key was changed as documented, by replaying what the retired key sealed', async () => {
  const attacker = Attacker.beside(stack.client);
  const spec = stack.spec('vmware-csp', ID);
  const before = new KeeperAdministration(stack.client);
  await before.apply(spec);
  const status = (keys: string) =>
    clientWith(keys).workflow.getHandle(keeperWorkflowId(ID)).query(statusQuery);
  await reaches(clientWith(`${OLD},${NEW}`), ID, 1);
  await before.forceRefresh(ID, { unusableGeneration: 1 });
  await reaches(clientWith(`${OLD},${NEW}`), ID, 2);
  const [recorded] = await attacker.signals(ID);

  // Step 3: the new key seals. A run of the keeper ends and the next begins; a refresh seals the journal's entry anew.
  await moved(`${NEW},${OLD}`);
  const between = new KeeperAdministration(clientWith(`${NEW},${OLD}`));
  await between.stop(ID);
  await clientWith(`${NEW},${OLD}`).workflow.getHandle(keeperWorkflowId(ID)).result();
  await between.apply(spec);
  await between.forceRefresh(ID, { unusableGeneration: 2, cuts: 'retry-after' });
  await reaches(clientWith(`${NEW},${OLD}`), ID, 3);

  // Step 4: nothing that runs needs the old key.
  const last = `${NEW},${OLD.slice(0, OLD.lastIndexOf(':'))}:retired`;
  await moved(last);
  await expect(status(last)).resolves.toMatchObject({ generation: 3 });

  await attacker.signal(ID, 'forceRefresh', [recorded ?? {}]);
  await attacker.signal(ID, 'forceRefresh', [relabelled(recorded, 'made-up')]);
  await new KeeperAdministration(clientWith(last)).forceRefresh(ID, {
    unusableGeneration: 3,
    cuts: 'retry-after',
  });
  await reaches(clientWith(last), ID, 4);
}, 180_000);
