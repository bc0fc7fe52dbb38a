import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, it } from 'vitest';
import { Client } from '@temporalio/client';
import { createDataConverter } from '../../src/encryption/data-converter.js';
import { KeyRing } from '../../src/encryption/key-ring.js';
import { KeeperAdministration } from '../../src/keepers/administration.js';
import { FullStack } from '../support/full-stack.js';
import { openTestNamespace } from '../support/test-namespace.js';
import { reaches } from './reaches.js';

let stack: FullStack;
beforeAll(async () => {
  stack = await FullStack.open({ openNamespace: openTestNamespace });
});
afterAll(() => stack.close());

it('a service freezes no keeper by a reader key that nobody else has, in front of its own', async () => {
  const id = 'team/ghost';
  const keepers = new KeeperAdministration(stack.client);
  await keepers.apply(stack.spec('vmware-csp', id));
  await reaches(stack.client, id, 1, 20_000);

  // What EVERTOKEN_READER_KEYS of the service says; all the rest is what `evertoken refresh ID --no-wait` does.
  const own = KeyRing.parse(stack.env['EVERTOKEN_ENCRYPTION_KEYS'] ?? '').readerKeys('team/');
  const ghost = `ghost:team/:${randomBytes(32).toString('base64')}`;
  const keyRing = KeyRing.parseReaderKeys([ghost, ...own].join());
  const { connection, options } = stack.client;
  const dataConverter = createDataConverter({ keyRing, allowPlaintext: false });
  const service = new Client({ connection, namespace: options.namespace, dataConverter });
  await new KeeperAdministration(service).forceRefresh(id, { unusableGeneration: 1 });

  await keepers.forceRefresh(id, { unusableGeneration: 1, cuts: 'retry-after' });
  await reaches(stack.client, id, 2, 20_000);
}, 90_000);
