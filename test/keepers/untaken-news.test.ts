import type { Client } from '@temporalio/client';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { CredentialSpec } from '../../src/contract/credential.js';
import {
  keeperWorkflowId,
  KEEPER_WORKFLOW_TYPE,
  PUBLISHED_MEMO,
} from '../../src/contract/names.js';
import { KeeperAdministration } from '../../src/keepers/administration.js';
import type { KnownCredential } from '../../src/keepers/known-credentials.js';
import { LOOKED_AT_EACH_MAX } from '../../src/keepers/numbers.js';
import { listKeeperRuns } from '../../src/keepers/runs.js';
import { TemporalKeepers } from '../../src/keepers/temporal-keepers.js';
import type { StandInReply } from '../../src/stand-ins/message.js';
import { createClient, loadTemporalTarget, openConnection } from '../../src/temporal/connection.js';
import { FullStack } from '../support/full-stack.js';
import { openTestNamespace } from '../support/test-namespace.js';

const eventually = <T>(look: () => Promise<T>) => expect.poll(look);

let stack: FullStack;
let keepers: KeeperAdministration;
let reader: TemporalKeepers;

beforeAll(async () => {
  stack = await FullStack.open({ openNamespace: openTestNamespace });
  keepers = new KeeperAdministration(stack.client);
  reader = new TemporalKeepers(stack.client);
});
afterAll(() => stack.close());

const specs = new Map<string, CredentialSpec>();

/** A credential as its file has it, each time the same. */
function specOf(id: string): CredentialSpec {
  const spec = specs.get(id) ?? stack.spec('klavi', id);
  specs.set(id, spec);
  return spec;
}

/** What is known of a credential, as one of so many. */
async function known(id: string, others = 0): Promise<KnownCredential['is'] | undefined> {
  const unknown = Array.from({ length: others }, (_, index) => `untaken/new-${index}`);
  return (await keepers.known([id, ...unknown].map(specOf))).get(id)?.is;
}

async function applied(id: string): Promise<void> {
  await keepers.apply(specOf(id));
  // The journal is told of a new credential, too.
  const isIdle = async (): Promise<boolean> => {
    const { raw } = await stack.client.workflow.getHandle(keeperWorkflowId(id)).describe();
    return !raw.pendingWorkflowTask && !raw.pendingActivities?.length;
  };
  await eventually(isIdle).toBe(true);
  expect(await known(id)).toBe('unchanged');
}

describe('a keeper that was told to stop', () => {
  it('is not taken for unchanged while its last request is on the way', async () => {
    const id = 'untaken/refreshing';
    await applied(id);
    let answer: () => void = () => undefined;
    const released = new Promise<void>((resolve) => (answer = resolve));
    let hasArrived = false;
    stack.standIns.of('klavi').answerNext(async (faithful): Promise<StandInReply> => {
      hasArrived = true;
      await released;
      return faithful();
    });
    await keepers.forceRefresh(id, { unusableGeneration: 0, cuts: 'backoff' });
    await eventually(async () => Promise.resolve(hasArrived)).toBe(true);
    await keepers.stop(id);
    try {
      await eventually(() => known(id)).toBeUndefined();
      await eventually(() => known(id, LOOKED_AT_EACH_MAX)).toBeUndefined();
    } finally {
      answer();
    }
    await eventually(async () => (await reader.status(id)).status).toBe('stopped');
  });
});

describe('with every worker gone', () => {
  beforeEach(() => stack.stopWorkers());
  afterEach(async () => {
    await stack.startWorkers();
  });

  it('a keeper that was told something is asked, alone or as one of many', async () => {
    const id = 'untaken/stopped';
    await stack.startWorkers();
    await applied(id);
    await stack.stopWorkers();
    expect(await known(id)).toBe('unchanged');
    await keepers.stop(id);
    expect(await known(id)).toBeUndefined();
    await eventually(() => known(id, LOOKED_AT_EACH_MAX)).toBeUndefined();
  });

  it('a keeper is asked after an application that got no answer, since it may come yet', async () => {
    const id = 'untaken/updated';
    await stack.startWorkers();
    await applied(id);
    await stack.stopWorkers();
    const impatient = new KeeperAdministration(stack.client, 1_000);
    const changed = { ...specOf(id), timing: { leadMs: 60_000 } };
    await expect(impatient.apply(changed)).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    expect(await known(id)).toBeUndefined();
  });

  it('a keeper that was only started is unchanged', async () => {
    const id = 'untaken/started';
    await keepers.apply(specOf(id));
    expect(await known(id)).toBe('unchanged');
  });
});

it('keepers with the largest tokens are listed', async () => {
  const token = { value: 'x'.repeat(64_000), tokenType: 'Bearer' };
  await Promise.all(
    Array.from({ length: 70 }, async (_, index) => {
      const id = `large/${index}`;
      await stack.client.workflow.start(KEEPER_WORKFLOW_TYPE, {
        workflowId: keeperWorkflowId(id),
        taskQueue: 'nobody',
        args: [],
        memo: { [PUBLISHED_MEMO.answer]: { id, token } },
      });
    }),
  );
  const target = loadTemporalTarget(
    {
      TEMPORAL_ADDRESS: stack.namespace.address,
      TEMPORAL_NAMESPACE: stack.namespace.namespace,
    },
    { allowCleartext: false },
  );
  const connection = await openConnection(target);
  const client = createClient(target, connection, stack.config.encryption);
  const large = async (): Promise<number> =>
    (await listKeeperRuns(client)).filter(({ id }) => id.startsWith('large/')).length;
  await eventually(large).toBe(70);
  await connection.close();
});

it('a server that does not answer a list in time is what is blamed, and not a worker', async () => {
  const late = Object.assign(new Error('late'), { code: 4, details: 'deadline', metadata: {} });
  const client = {
    options: { namespace: 'default' },
    withDeadline: () => Promise.reject(late),
  } as unknown as Client;
  await expect(listKeeperRuns(client)).rejects.toMatchObject({
    code: 'UNAVAILABLE',
    message: expect.stringContaining('temporal does not answer in time') as unknown,
  });
});
