import type { Client } from '@temporalio/client';
import { defaultPayloadConverter, type Payload } from '@temporalio/common';
import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { inspectKeeper } from '../../src/keepers/inspection.js';
import { knownCredentials } from '../../src/keepers/known-credentials.js';
import { keeperWorkflowId, PUBLISHED_MEMO } from '../../src/contract/names.js';
import type { KeeperState } from '../../src/contract/keeper.js';
import { KeyRing } from '../../src/encryption/key-ring.js';
import { EncryptionCodec } from '../../src/encryption/payload-codec.js';
import { publishedAnswer, publishedSettings } from '../../src/policy/published-answer.js';
import { spec, state, token } from '../support/keeper-fixture.js';

const ID = 'acme/mail';
const MINUTE_MS = 60_000;
const keyRing = KeyRing.parse(`k:${randomBytes(32).toString('base64')}`);
const codec = new EncryptionCodec({ keyRing, allowPlaintext: false });

async function sealed(value: unknown): Promise<Payload | undefined> {
  const context = {
    type: 'workflow',
    namespace: 'default',
    workflowId: keeperWorkflowId(ID),
  } as const;
  const [payload] = await codec.encode([defaultPayloadConverter.toPayload(value)], context);
  return payload;
}

/** A server that shows one running run with what a keeper in this state published. */
async function showing(kept: KeeperState): Promise<Client> {
  const fields = {
    [PUBLISHED_MEMO.answer]: await sealed(publishedAnswer(kept, Date.now())),
    [PUBLISHED_MEMO.settings]: await sealed(publishedSettings(kept.spec, false)),
  };
  const said = { metadata: { encoding: Buffer.from('json/plain'), type: Buffer.from('Keyword') } };
  const info = {
    execution: { workflowId: keeperWorkflowId(ID), runId: 'made by whoever' },
    status: 1,
    memo: { fields },
    searchAttributes: {
      indexedFields: {
        EvertokenProvider: { ...said, data: Buffer.from('"another"') },
      },
    },
  };
  return {
    options: {
      namespace: 'default',
      loadedDataConverter: { payloadCodecs: [codec], payloadConverter: defaultPayloadConverter },
    },
    connection: { withDeadline: (_at: number, work: () => unknown) => work() },
    workflowService: {
      describeWorkflowExecution: async () => ({
        workflowExecutionInfo: info,
        pendingActivities: [],
      }),
    },
  } as unknown as Client;
}

function keptFor(expiresInMs: number, refreshInMs: number): KeeperState {
  const nowMs = Date.now();
  return state({
    spec: spec({ id: ID }),
    token: token({ issuedAtMs: nowMs - MINUTE_MS, expiresAtMs: nowMs + expiresInMs }),
    nextRefreshAtMs: nowMs + refreshInMs,
  });
}

async function known(kept: KeeperState): Promise<unknown> {
  return (await knownCredentials(await showing(kept), [kept.spec], false)).get(ID);
}

describe('what Temporal shows of a credential', () => {
  it('is unchanged where its token lives and its refresh is ahead', async () => {
    expect(await known(keptFor(10 * MINUTE_MS, 5 * MINUTE_MS))).toMatchObject({ is: 'unchanged' });
  });

  it.each([
    ['its token has expired, as of a run that has another one’s memo', -MINUTE_MS, -2 * MINUTE_MS],
    ['its refresh should have begun, as where no worker runs', MINUTE_MS, -MINUTE_MS],
  ])('is asked of its keeper where %s', async (_name, expiresInMs, refreshInMs) => {
    expect(await known(keptFor(expiresInMs, refreshInMs))).toBeUndefined();
  });

  it('is what its keeper sealed, whatever the search attributes say', async () => {
    const kept = keptFor(-MINUTE_MS, -2 * MINUTE_MS);
    const inspection = await inspectKeeper(await showing(kept), ID);
    expect(inspection).toMatchObject({
      provider: kept.spec.provider,
      expiresAtMs: kept.token?.expiresAtMs,
    });
  });
});
