import proto from '@temporalio/proto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  KEEPER_TASK_QUEUE,
  KEEPER_WORKFLOW_TYPE,
  keeperWorkflowId,
  PUBLISHED_MEMO,
} from '../../src/contract/names.js';
import { KeeperAdministration } from '../../src/keepers/administration.js';
import { TemporalKeepers } from '../../src/keepers/temporal-keepers.js';
import { FullStack } from '../support/full-stack.js';
import { openTestNamespace } from '../support/test-namespace.js';

const {
  EVENT_TYPE_UPSERT_WORKFLOW_SEARCH_ATTRIBUTES: ATTRIBUTES,
  EVENT_TYPE_WORKFLOW_PROPERTIES_MODIFIED: MEMO,
  EVENT_TYPE_WORKFLOW_TASK_COMPLETED: TASK,
} = proto.temporal.api.enums.v1.EventType;

let stack: FullStack;
let keepers: KeeperAdministration;
let reader: TemporalKeepers;

beforeAll(async () => {
  stack = await FullStack.open({ openNamespace: openTestNamespace });
  keepers = new KeeperAdministration(stack.client);
  reader = new TemporalKeepers(stack.client);
});
afterAll(() => stack.close());

async function generationOf(id: string): Promise<number> {
  return (await reader.status(id)).generation;
}

async function eventsOf(id: string): Promise<{ memo: number; attributes: number; tasks: number }> {
  const { events } = await stack.client.workflow.getHandle(keeperWorkflowId(id)).fetchHistory();
  const count = (wanted: proto.temporal.api.enums.v1.EventType): number =>
    (events ?? []).filter(({ eventType }) => eventType === wanted).length;
  return { memo: count(MEMO), attributes: count(ATTRIBUTES), tasks: count(TASK) };
}

describe('what a keeper was started with', () => {
  it('is not published again: a first token costs one change of the memo and one of the attributes', async () => {
    const id = 'once/new';
    await keepers.apply(stack.spec('oauth2', id));
    await expect.poll(() => generationOf(id), { timeout: 30_000 }).toBe(1);
    expect(await eventsOf(id)).toMatchObject({ memo: 1, attributes: 1 });
  });

  it('is not published again where the file brought a token', async () => {
    const id = 'once/seed';
    await keepers.apply(stack.spec('klavi', id));
    // Its first, and the one after the journal knows of it.
    const tasks = async (): Promise<number> => (await eventsOf(id)).tasks;
    await expect.poll(tasks, { timeout: 30_000 }).toBe(2);
    expect(await eventsOf(id)).toMatchObject({ memo: 0, attributes: 0 });
  });

  it('is corrected with the first task where it says something else than the keeper', async () => {
    const id = 'once/wrong';
    const spec = stack.spec('klavi', id);
    const published = { id, provider: 'klavi', status: 'failed', generation: 7, epoch: 1 };
    const answer = { ...published, application: 1, awaitsRefresh: false, forcePending: false };
    await stack.client.workflow.start(KEEPER_WORKFLOW_TYPE, {
      workflowId: keeperWorkflowId(id),
      taskQueue: KEEPER_TASK_QUEUE,
      args: [
        {
          apply: { spec, application: Date.now(), useSearchAttributes: true },
          useSearchAttributes: true,
        },
      ],
      memo: { [PUBLISHED_MEMO.answer]: { ...answer, failureStreak: 0 } },
    });
    await expect.poll(() => generationOf(id), { timeout: 30_000 }).toBe(0);
    expect(await reader.status(id)).toMatchObject({ status: 'fresh' });
    expect(await eventsOf(id)).toMatchObject({ memo: 1, attributes: 1 });
  });
});
