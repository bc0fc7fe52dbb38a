import { afterAll, beforeAll, expect, it } from 'vitest';
import { TokenClient } from '../../src/client/token-client.js';
import { applyCredentials } from '../../src/cli/apply/apply-credentials.js';
import type { AppliedCredential } from '../../src/cli/apply/applied-credential.js';
import type { CredentialSpec } from '../../src/contract/credential.js';
import { keeperWorkflowId } from '../../src/contract/names.js';
import { createSealer } from '../../src/encryption/sealer.js';
import { openJournal } from '../../src/journal/open-journal.js';
import type { RefreshJournal } from '../../src/journal/port.js';
import { KeeperAdministration } from '../../src/keepers/administration.js';
import { TemporalKeepers } from '../../src/keepers/temporal-keepers.js';
import { recordedLogin } from '../../src/policy/journal-record.js';
import { withAnswer } from '../../src/policy/recorded-answer.js';
import type { StandIn } from '../../src/stand-ins/stand-in.js';
import { FullStack } from '../support/full-stack.js';
import { openTestNamespace } from '../support/test-namespace.js';

let stack: FullStack;
let standIn: StandIn;
let journal: RefreshJournal;
beforeAll(async () => {
  stack = await FullStack.open({ openNamespace: openTestNamespace });
  standIn = stack.standIns.of('abitmedia');
  standIn.rotation = 'strict';
  const { config, namespace } = stack;
  const sealer = createSealer(config.encryption);
  journal = await openJournal(config.journal, namespace.namespace, sealer);
});
afterAll(async () => {
  await journal.close();
  await stack.close();
});

/** A token that a provider granted, as its body says. */
interface Granted {
  readonly accessToken: string;
  readonly refreshToken: string;
}

/** Applies a credential as the command does. */
async function apply(spec: CredentialSpec): Promise<AppliedCredential | undefined> {
  const reader = new TemporalKeepers(stack.client);
  const keepers = new KeeperAdministration(stack.client);
  const [result] = await applyCredentials({ reader, keepers }, [spec], {
    onResult: () => undefined,
  });
  return result;
}

/** A keeper that has ended as `outcome_unknown`, and what its provider granted in the lost answer. */
async function endedInDoubt(id: string): Promise<{ spec: CredentialSpec; granted: Granted }> {
  const spec = stack.spec('abitmedia', id);
  let body = '';
  standIn.answerNext((faithful) => {
    const reply = faithful();
    ({ body } = reply);
    return { ...reply, status: 500, body: 'oops' };
  });
  expect(await apply(spec)).toMatchObject({
    outcome: 'failed',
    exitCode: 4,
    reason: expect.stringContaining('nobody knows the answer') as string,
  });
  return { spec, granted: JSON.parse(body) as Granted };
}

/** A worker that stood still with the answer journals it after all. */
async function journaledLate(id: string, granted: Granted): Promise<void> {
  const nowMs = Date.now();
  await journal.update(id, (held) => {
    if (held === undefined) throw new Error('no attempt was recorded');
    const answer = {
      ...recordedLogin(held),
      credentialId: id,
      generation: 1,
      token: {
        value: granted.accessToken,
        tokenType: 'Bearer',
        issuedAtMs: nowMs,
        expiresAtMs: nowMs + 3_600_000,
      },
      waitedMs: 0,
      refreshLeadMs: 60_000,
      replacedMaterial: { refreshToken: granted.refreshToken },
      journalId: journal.id,
    };
    return withAnswer(held, held, answer, { id: 'of the worker that stood still' });
  });
}

it('an answer that was journaled after its keeper ended as outcome_unknown comes back with the same file, and its material is refreshed on', async () => {
  const { spec, granted } = await endedInDoubt('late/journaled');
  await journaledLate(spec.id, granted);
  const sent = standIn.requests.length;
  expect(await apply(spec)).toMatchObject({
    outcome: 'restarted',
    exitCode: 0,
    status: { status: 'fresh', generation: 1 },
  });
  const tokens = new TokenClient(new TemporalKeepers(stack.client));
  expect(await tokens.get(spec.id)).toMatchObject({ token: granted.accessToken });
  expect(standIn.requests).toHaveLength(sent);
  expect(await tokens.refresh(spec.id, { afterGeneration: 1 })).toMatchObject({ generation: 2 });
  expect(standIn.spent.at(-1)).toBe(granted.refreshToken);
});

it('the same file sends nothing where the answer was never journaled, and is told the same again, as often as it is applied', async () => {
  const { spec } = await endedInDoubt('late/never');
  const sent = standIn.requests.length;
  for (let count = 0; count < 2; count += 1) {
    expect(await apply(spec)).toMatchObject({
      outcome: 'failed',
      exitCode: 4,
      reason: expect.stringContaining('evertoken reauthorize late/never') as string,
    });
  }
  expect(standIn.requests).toHaveLength(sent);
  const { status } = await stack.client.workflow.getHandle(keeperWorkflowId(spec.id)).describe();
  expect(status.name).toBe('FAILED');
});
