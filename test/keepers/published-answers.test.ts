import { Client, type WorkflowHandle } from '@temporalio/client';
import proto from '@temporalio/proto';
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest';
import { TokenClient } from '../../src/client/token-client.js';
import { statusQuery, tokenQuery } from '../../src/contract/message-definitions.js';
import {
  KEEPER_TASK_QUEUE,
  KEEPER_WORKFLOW_TYPE,
  keeperWorkflowId,
  PUBLISHED_MEMO,
} from '../../src/contract/names.js';
import { createDataConverter } from '../../src/encryption/data-converter.js';
import { generateKey, KeyRing } from '../../src/encryption/key-ring.js';
import { KeeperAdministration } from '../../src/keepers/administration.js';
import { coverage } from '../../src/keepers/coverage.js';
import { TemporalKeepers } from '../../src/keepers/temporal-keepers.js';
import { RUN_MAX_MESSAGES } from '../../src/policy/keeper-numbers.js';
import { loadConfig } from '../../src/settings/config.js';
import { FullStack } from '../support/full-stack.js';
import { replyWith } from '../support/provider-scripts.js';
import { openTestNamespace } from '../support/test-namespace.js';

const {
  EVENT_TYPE_ACTIVITY_TASK_SCHEDULED: ACTIVITY,
  EVENT_TYPE_TIMER_STARTED: TIMER,
  EVENT_TYPE_UPSERT_WORKFLOW_SEARCH_ATTRIBUTES: ATTRIBUTES,
  EVENT_TYPE_WORKFLOW_PROPERTIES_MODIFIED: MEMO,
  EVENT_TYPE_WORKFLOW_TASK_COMPLETED: TASK,
  EVENT_TYPE_WORKFLOW_EXECUTION_UPDATE_ACCEPTED: UPDATE,
} = proto.temporal.api.enums.v1.EventType;

/** A busy machine takes its time. */
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

/** Keepers as a process with these variables reads them. */
function readerWith(env: Readonly<Record<string, string>>): TemporalKeepers {
  const { encryption } = loadConfig(env);
  const { connection } = stack.client;
  const dataConverter = createDataConverter(encryption);
  const client = new Client({ connection, namespace: stack.namespace.namespace, dataConverter });
  return new TemporalKeepers(client, { covers: coverage(encryption) });
}

function queried(id: string): WorkflowHandle {
  return stack.client.workflow.getHandle(keeperWorkflowId(id));
}

interface EventCounts {
  readonly memo: number;
  readonly attributes: number;
  readonly tasks: number;
  readonly timers: number;
  readonly activities: number;
}

async function eventsOf(id: string): Promise<EventCounts> {
  const { events } = await stack.client.workflow.getHandle(keeperWorkflowId(id)).fetchHistory();
  const count = (wanted: proto.temporal.api.enums.v1.EventType): number =>
    (events ?? []).filter(({ eventType }) => eventType === wanted).length;
  return {
    memo: count(MEMO),
    attributes: count(ATTRIBUTES),
    tasks: count(TASK),
    timers: count(TIMER),
    activities: count(ACTIVITY),
  };
}

async function asEveryWorkerIsGone(look: () => Promise<void>): Promise<void> {
  await stack.stopWorkers();
  try {
    await look();
  } finally {
    await stack.startWorkers();
  }
}

/** What brings a credential into a state, by the name of that state. */
const STATES: Readonly<Record<string, (id: string) => Promise<void>>> = {
  'with a token of its file': async (id) => {
    await keepers.apply(stack.spec('klavi', id));
  },
  'with a refreshed token': async (id) => {
    await keepers.apply(stack.spec('oauth2', id));
    await eventually(async () => (await reader.status(id)).generation).toBe(1);
  },
  'whose client is rejected': async (id) => {
    stack.standIns
      .of('oauth2')
      .answerNext(replyWith({ status: 401, body: '{"error":"invalid_client"}' }));
    await keepers.apply(stack.spec('oauth2', id));
    await eventually(async () => (await reader.status(id)).status).toBe('client-rejected');
  },
  'with a forced refresh to come': async (id) => {
    await keepers.apply(stack.spec('tavio', id));
    for (const generation of [0, 1]) {
      await eventually(async () => (await reader.status(id)).generation).toBe(generation);
      await keepers.forceRefresh(id, { unusableGeneration: generation, cuts: 'backoff' });
    }
    await eventually(async () => (await reader.status(id)).forcePending).toBe(true);
  },
  'that failed for good': async (id) => {
    const body = '{"success":false,"status":400,"message":"inválido"}';
    stack.standIns.of('abitmedia').answerNext(replyWith({ status: 400, body }));
    await keepers.apply(stack.spec('abitmedia', id));
    await eventually(async () => (await reader.status(id)).status).toBe('failed');
  },
  'that was stopped': async (id) => {
    await keepers.apply(stack.spec('klavi', id));
    await keepers.stop(id);
    await eventually(async () => (await reader.status(id)).status).toBe('stopped');
  },
};

describe('what a keeper publishes', () => {
  it.each(Object.keys(STATES))('of a credential %s is what its queries answer', async (state) => {
    const id = `published/${Object.keys(STATES).indexOf(state)}`;
    await STATES[state]?.(id);
    // Asked again: the server may lose a query of a keeper that has just ended, as readers know.
    const asked = { timeout: 100_000 };
    const token = await vi.waitFor(() => queried(id).query(tokenQuery), asked);
    const status = await vi.waitFor(() => queried(id).query(statusQuery), asked);
    expect(await reader.token(id)).toEqual(token);
    expect(await reader.status(id)).toMatchObject({ ...status });
  });

  it('is there when its run continues as new', async () => {
    const id = 'published/continued';
    await keepers.apply(stack.spec('klavi', id));
    const { runId } = await queried(id).describe();
    for (let sent = 0; sent <= RUN_MAX_MESSAGES; sent += 100) {
      const wishes = Array.from({ length: 100 }, () =>
        keepers.forceRefresh(id, { unusableGeneration: -1 }),
      );
      await Promise.all(wishes);
    }
    await eventually(async () => (await queried(id).describe()).runId).not.toBe(runId);
    await asEveryWorkerIsGone(async () => {
      expect(await reader.token(id)).toMatchObject({ id, generation: 0, status: 'fresh' });
    });
  });

  it('has the status of the keeper’s clock, and whoever reads tokens judges by his own', async () => {
    const id = 'published/clocks';
    await keepers.apply(stack.spec('klavi', id));
    const { expiresAtMs = 0 } = await reader.status(id);
    const ahead = vi.spyOn(Date, 'now').mockReturnValue(expiresAtMs);
    onTestFinished(() => {
      ahead.mockRestore();
    });
    expect(await reader.status(id)).toMatchObject({ status: 'fresh' });
    expect(await new TokenClient(reader).status(id)).toMatchObject({ status: 'expired' });
  });

  it('is opened by reader keys of its scope, and by no others', async () => {
    const id = 'published/readers/mine';
    await keepers.apply(stack.spec('klavi', id));
    const owner = KeyRing.parse(stack.env['EVERTOKEN_ENCRYPTION_KEYS'] ?? '');
    const keysOf = (scope: string) => ({ EVERTOKEN_READER_KEYS: owner.readerKeys(scope).join() });
    await asEveryWorkerIsGone(async () => {
      expect(await readerWith(keysOf('published/')).token(id)).toEqual(await reader.token(id));
      await expect(readerWith(keysOf('other/')).token(id)).rejects.toMatchObject({
        code: 'UNDECIPHERABLE',
      });
      await expect(
        readerWith({ EVERTOKEN_ENCRYPTION_KEYS: generateKey() }).token(id),
      ).rejects.toMatchObject({ code: 'UNDECIPHERABLE' });
    });
  });
});

it('whoever waits while a keeper is stopped is told what to do', async () => {
  const id = 'stopped/waited';
  await STATES['whose client is rejected']?.(id);
  const waits = reader
    .ensureFresh(id, { minValidityMs: 0, generation: 0 })
    .catch((error: unknown) => error);
  await eventually(async () => {
    const { events } = await queried(id).fetchHistory();
    return events?.some(({ eventType }) => eventType === UPDATE);
  }).toBe(true);
  await keepers.stop(id);
  expect(await waits).toMatchObject({
    code: 'PERMANENTLY_FAILED',
    message: expect.stringContaining('to start it again run: evertoken apply -f FILE') as unknown,
    failure: { provider: 'oauth2', code: 'stopped' },
  });
}, 60_000);

describe('with every worker gone', () => {
  it('a token that a file brings can be read before any worker has seen it', async () => {
    const id = 'gone/seed';
    await asEveryWorkerIsGone(async () => {
      await keepers.apply(stack.spec('klavi', id));
      expect((await reader.token(id)).token?.expiresAtMs).toBeGreaterThan(Date.now());
      expect(await reader.status(id)).toMatchObject({ status: 'fresh', refreshing: false });
    });
  });

  it('a keeper that was terminated says so', async () => {
    const id = 'gone/terminated';
    await keepers.apply(stack.spec('klavi', id));
    await asEveryWorkerIsGone(async () => {
      await queried(id).terminate();
      expect(await reader.status(id)).toMatchObject({
        status: 'stopped',
        lastFailure: { code: 'keeper_ended' },
      });
      const told = await reader.token(id);
      expect(told).toMatchObject({ status: 'stopped', lastFailure: { code: 'keeper_ended' } });
      expect(told).not.toHaveProperty('nextRefreshAtMs');
      await expect(new TokenClient(reader).get(id)).resolves.toMatchObject({ status: 'stopped' });
    });
  });

  it('whoever needs a fresh token is told that no worker answers', async () => {
    const id = 'gone/unfresh';
    await keepers.apply(stack.spec('vmware-csp', id));
    await eventually(async () => (await reader.status(id)).generation).toBe(1);
    await asEveryWorkerIsGone(async () => {
      const request = { minValidityMs: 0, generation: 1, afterGeneration: 1 };
      await expect(reader.ensureFresh(id, request)).rejects.toMatchObject({
        code: 'UNAVAILABLE',
        message: expect.stringContaining('no worker answers') as unknown,
      });
    });
  });
});

describe('what a keeper was started with', () => {
  it('is not published again: a first token costs one change of the memo and one of the attributes', async () => {
    const id = 'once/new';
    await keepers.apply(stack.spec('oauth2', id));
    await eventually(async () => (await reader.status(id)).generation).toBe(1);
    expect(await eventsOf(id)).toMatchObject({ memo: 1, attributes: 1 });
  });

  it('is not published again where the file brought a token', async () => {
    const id = 'once/seed';
    await keepers.apply(stack.spec('klavi', id));
    // Its first, and the one after the journal knows of it.
    const tasks = async (): Promise<number> => (await eventsOf(id)).tasks;
    await eventually(tasks).toBe(2);
    expect(await eventsOf(id)).toMatchObject({ memo: 0, attributes: 0 });
  });

  it('is, beside one timer and one activity, all that a refresh writes', async () => {
    const id = 'once/refreshed';
    await keepers.apply(stack.spec('klavi', id));
    await eventually(async () => (await eventsOf(id)).tasks).toBe(2);
    const before = await eventsOf(id);
    await keepers.forceRefresh(id, { unusableGeneration: 0 });
    await eventually(async () => (await reader.status(id)).generation).toBe(1);
    const after = await eventsOf(id);
    expect(after).toMatchObject({
      memo: before.memo + 1,
      attributes: before.attributes,
      timers: before.timers + 1,
      activities: before.activities + 1,
    });
  });

  it('says once that the keeper has stopped', async () => {
    const id = 'once/stopped';
    await keepers.apply(stack.spec('klavi', id));
    await eventually(async () => (await eventsOf(id)).tasks).toBe(2);
    const { memo } = await eventsOf(id);
    await keepers.stop(id);
    await eventually(async () => (await reader.status(id)).status).toBe('stopped');
    expect((await eventsOf(id)).memo).toBe(memo + 1);
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
    await eventually(async () => (await reader.status(id)).generation).toBe(0);
    expect(await reader.status(id)).toMatchObject({ status: 'fresh' });
    expect(await eventsOf(id)).toMatchObject({ memo: 1, attributes: 1 });
  });
});
