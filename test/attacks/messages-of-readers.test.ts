import { afterAll, beforeAll, it } from 'vitest';
import { KeeperAdministration } from '../../src/keepers/administration.js';
import { FullStack } from '../support/full-stack.js';
import { openTestNamespace } from '../support/test-namespace.js';
import { Attacker } from './attacker.js';
import { reaches } from './reaches.js';
import { sealedByReader } from './sealed-by-reader.js';

let stack: FullStack;
let attacker: Attacker;
let keepers: KeeperAdministration;

beforeAll(async () => {
  stack = await FullStack.open({ openNamespace: openTestNamespace });
  attacker = Attacker.beside(stack.client);
  keepers = new KeeperAdministration(stack.client);
});
afterAll(() => stack.close());

it('a service freezes no keeper by what its reader key seals, however deep that is nested', async () => {
  const id = 'team/deep';
  await keepers.apply(stack.spec('vmware-csp', id));
  await reaches(stack.client, id, 1);
  // An answer with a field that is not known, so that what is known of it is taken out.
  const deep = '['.repeat(100_000) + ']'.repeat(100_000);
  const json =
    '{"id":"a","provider":"p","status":"fresh","generation":1,"later":1,"token":{"value":"v",' +
    `"tokenType":"Bearer","issuedAtMs":1,"expiresAtMs":2,"extras":${deep}}}`;
  await attacker.signal(id, 'forceRefresh', [
    sealedByReader(stack.env['EVERTOKEN_ENCRYPTION_KEYS'] ?? '', { json, credentialId: id }),
  ]);
  await keepers.forceRefresh(id, { unusableGeneration: 1, cuts: 'retry-after' });
  await reaches(stack.client, id, 2);
}, 150_000);
