import { Client } from '@temporalio/client';
import { defaultPayloadConverter } from '@temporalio/common';
import type { Payload } from '@temporalio/common';
import proto from '@temporalio/proto';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { statusQuery } from '../../src/contract/message-definitions.js';
import { keeperWorkflowId } from '../../src/contract/names.js';
import { credentialPath } from '../../src/encryption/key-path.js';
import { KeyRing } from '../../src/encryption/key-ring.js';
import { KeeperAdministration } from '../../src/keepers/administration.js';
import { FullStack } from '../support/full-stack.js';
import { openTestNamespace } from '../support/test-namespace.js';
import { Attacker } from './attacker.js';

const PayloadMessage = proto.temporal.api.common.v1.Payload;

let stack: FullStack;
let attacker: Attacker;
let keepers: KeeperAdministration;

beforeAll(async () => {
  stack = await FullStack.open({ openNamespace: openTestNamespace });
  const { connection, options } = stack.client;
  attacker = new Attacker(new Client({ connection, namespace: options.namespace }));
  keepers = new KeeperAdministration(stack.client);
});
afterAll(() => stack.close());

/** Seals any JSON with a reader key, as no code of ours would. */
function sealedByReader(json: string, credentialId: string): Payload {
  const owner = KeyRing.parse(stack.env['EVERTOKEN_ENCRYPTION_KEYS'] ?? '');
  const ring = KeyRing.parseReaderKeys(owner.readerKeys('team/').join());
  const workflowId = keeperWorkflowId(credentialId);
  const place = {
    purpose: 'reader',
    path: credentialPath(credentialId),
    context: Buffer.from(`evertoken payload\nreader\n${workflowId}`),
  } as const;
  const payload = { ...defaultPayloadConverter.toPayload(1), data: Buffer.from(json) };
  const { keyId, bytes } = ring.seal(PayloadMessage.encode(payload).finish(), place);
  return {
    metadata: {
      encoding: Buffer.from('binary/encrypted'),
      'encryption-key-id': Buffer.from(keyId),
      'evertoken-purpose': Buffer.from('reader'),
      'evertoken-workflow-id': Buffer.from(workflowId),
    },
    data: bytes,
  };
}

it('a service freezes no keeper by what its reader key seals, however deep that is nested', async () => {
  const id = 'team/deep';
  const status = () => stack.client.workflow.getHandle(keeperWorkflowId(id)).query(statusQuery);
  const reaches = (generation: number): Promise<void> =>
    expect
      .poll(async () => (await status().catch(() => undefined))?.generation, { timeout: 60_000 })
      .toBe(generation);
  await keepers.apply(stack.spec('vmware-csp', id));
  await reaches(1);
  // An answer with a field that is not known, so that what is known of it is taken out.
  const deep = '['.repeat(100_000) + ']'.repeat(100_000);
  const json =
    '{"id":"a","provider":"p","status":"fresh","generation":1,"later":1,"token":{"value":"v",' +
    `"tokenType":"Bearer","issuedAtMs":1,"expiresAtMs":2,"extras":${deep}}}`;
  await attacker.signal(id, 'forceRefresh', [sealedByReader(json, id)]);
  await keepers.forceRefresh(id, { unusableGeneration: 1, cuts: 'retry-after' });
  await reaches(2);
}, 150_000);
