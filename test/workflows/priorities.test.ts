import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Token } from '../../src/contract/credential.js';
import type { KeeperInput } from '../../src/contract/keeper.js';
import {
  carriedStateQuery,
  ensureFreshUpdate,
  forceRefreshSignal,
  revokeUpdate,
} from '../../src/contract/message-definitions.js';
import {
  KEEPER_TASK_QUEUE,
  KEEPER_WORKFLOW_TYPE,
  keeperWorkflowId,
  providerTaskQueue,
} from '../../src/contract/names.js';
import type {
  RefreshActivities,
  RefreshRequest,
  RefreshResult,
} from '../../src/contract/refresh-activity.js';
import type { credentialKeeper } from '../../src/workflows/index.js';
import { type Keeper, specOf } from '../support/keeper-rig.js';
import { forceRequest, freshRequest } from '../support/requests.js';
import { tokenFor } from '../support/scripted-refresh.js';
import { openTestNamespace, type TestNamespace } from '../support/test-namespace.js';
import { type RunningWorker, startTestWorker } from '../support/test-worker.js';

const MINUTE_MS = 60_000;
const WAIT = { timeout: 60_000 };

let namespace: TestNamespace;
let keepers: RunningWorker;
beforeAll(async () => {
  namespace = await openTestNamespace();
  keepers = await startTestWorker(namespace, { taskQueue: KEEPER_TASK_QUEUE, workflows: true });
});
afterAll(async () => {
  await keepers.stop();
  await namespace.close();
});

/** A token of an hour, due at once, with so much of its life left. */
function dueToken(leftMs: number): Token {
  const expiresAtMs = Date.now() + leftMs;
  return {
    value: 'seed',
    tokenType: 'Bearer',
    issuedAtMs: expiresAtMs - 60 * MINUTE_MS,
    expiresAtMs,
  };
}

/** Starts a keeper whose refreshes nobody takes until a worker of its group is there. */
async function start(id: string, group: string, leftMs: number): Promise<Keeper> {
  const spec = specOf(id, {
    group,
    seedToken: dueToken(leftMs),
    seedLead: { shareOfLife: 0, leastMs: 30 * MINUTE_MS, mostMs: 30 * MINUTE_MS },
  });
  const input: KeeperInput = {
    apply: { spec, application: Date.now(), useSearchAttributes: false },
    useSearchAttributes: false,
  };
  return namespace.client.workflow.start<typeof credentialKeeper>(KEEPER_WORKFLOW_TYPE, {
    workflowId: keeperWorkflowId(id),
    taskQueue: KEEPER_TASK_QUEUE,
    args: [input],
  });
}

/** The keeper's activities of one type, by default its refreshes, as they were scheduled. */
async function scheduled(keeper: Keeper, type: keyof RefreshActivities = 'refreshToken') {
  const { events } = await keeper.fetchHistory();
  return (events ?? [])
    .flatMap(({ activityTaskScheduledEventAttributes: attributes }) => attributes ?? [])
    .filter(({ activityType }) => activityType?.name === type);
}

async function isWaiting(keeper: Keeper): Promise<boolean> {
  return (await scheduled(keeper)).length > 0;
}

function meanOf(numbers: readonly number[]): number {
  return numbers.reduce((sum, number) => sum + number, 0) / numbers.length;
}

describe('a backlog of refreshes', () => {
  it(
    'is worked off with what is expired first, although it came last',
    { timeout: 90_000 },
    async () => {
      const count = 30;
      const waiting: Keeper[] = [];
      for (const [name, leftMs] of [
        ['valid', 20 * MINUTE_MS],
        ['expired', -MINUTE_MS],
      ] as const) {
        const started = Array.from({ length: count }, (_, index) =>
          start(`backlog/${name}-${index}`, 'backlog', leftMs),
        );
        waiting.push(...(await Promise.all(started)));
        for (const keeper of waiting) await expect.poll(() => isWaiting(keeper), WAIT).toBe(true);
      }
      const order: string[] = [];
      const worker = await startTestWorker(namespace, {
        taskQueue: providerTaskQueue('oauth2', 'backlog'),
        activities: {
          refreshToken: async (request: RefreshRequest): Promise<RefreshResult> => {
            order.push(request.credentialId);
            return tokenFor(60 * MINUTE_MS)(request);
          },
        },
        options: { maxConcurrentActivityTaskExecutions: 1 },
      });
      await expect.poll(() => order.length).toBe(2 * count);
      await worker.stop();
      const ranks = (name: string): number[] =>
        order.flatMap((id, rank) => (id.startsWith(`backlog/${name}`) ? [rank] : []));
      // The server’s partitions hand out nearly in order; in perfect order the means are 30 apart, and -30 without it.
      expect(meanOf(ranks('valid')) - meanOf(ranks('expired'))).toBeGreaterThan(count / 3);
    },
  );
});

describe('a refresh', () => {
  it('has the priority of the life that is left, and its host as the fairness key', async () => {
    const lives = {
      expired: -MINUTE_MS,
      'two-minutes': 2 * MINUTE_MS,
      'twenty-minutes': 20 * MINUTE_MS,
    };
    const keys: (number | null | undefined)[] = [];
    for (const [name, leftMs] of Object.entries(lives)) {
      const keeper = await start(`lives/${name}`, 'nobody', leftMs);
      await expect.poll(() => isWaiting(keeper), WAIT).toBe(true);
      const [first] = await scheduled(keeper);
      keys.push(first?.priority?.priorityKey);
      expect(first?.priority?.fairnessKey).toBe('id.example');
      expect(first?.taskQueue?.name).toBe('evertoken.oauth2.nobody');
    }
    expect(keys).toEqual([1, 4, 5]);
  });

  it('goes first where a caller waits for it or an operator forces it', async () => {
    const worker = await startTestWorker(namespace, {
      taskQueue: providerTaskQueue('oauth2', 'asked'),
      activities: {
        refreshToken: tokenFor(60 * MINUTE_MS),
        recordApplication: ({ credentialId }: RefreshRequest) => ({ credentialId }),
      },
    });
    const waited = await start('asked/waited', 'asked', 50 * MINUTE_MS);
    await waited.executeUpdate(ensureFreshUpdate, { args: [freshRequest({ afterGeneration: 0 })] });
    const forced = await start('asked/forced', 'asked', 50 * MINUTE_MS);
    await forced.signal(forceRefreshSignal, forceRequest());
    await expect.poll(() => isWaiting(forced), WAIT).toBe(true);
    await worker.stop();
    for (const keeper of [waited, forced]) {
      const [first] = await scheduled(keeper);
      expect(first?.priority?.priorityKey).toBe(1);
    }
  });
});

describe('what a keeper asks for beside its refreshes', () => {
  it('never comes before a refresh where it only tells the journal, and goes first where an operator waits for it', async () => {
    const keeper = await start('beside/refreshes', 'nobody', 50 * MINUTE_MS);
    const keyOf = async (type: keyof RefreshActivities) => {
      const [first] = await scheduled(keeper, type);
      return [first?.priority?.priorityKey, first?.priority?.fairnessKey];
    };
    await expect.poll(() => keyOf('recordApplication'), WAIT).toEqual([5, 'id.example']);
    const { application } = await keeper.query(carriedStateQuery);
    const revocation = { revokedGeneration: 0, application, wantedAtMs: Date.now() };
    await keeper.startUpdate(revokeUpdate, { args: [revocation], waitForStage: 'ACCEPTED' });
    await expect.poll(() => keyOf('revokeToken'), WAIT).toEqual([1, 'id.example']);
  });
});
