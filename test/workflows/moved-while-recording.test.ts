import { randomUUID } from 'node:crypto';
import { ApplicationFailure } from '@temporalio/activity';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  applyUpdate,
  carriedStateQuery,
  ensureFreshUpdate,
  moveJournalUpdate,
} from '../../src/contract/message-definitions.js';
import type { KeeperInput } from '../../src/contract/keeper.js';
import {
  KEEPER_TASK_QUEUE,
  KEEPER_WORKFLOW_TYPE,
  keeperWorkflowId,
  providerTaskQueue,
} from '../../src/contract/names.js';
import type { RecordedApplication, RefreshRequest } from '../../src/contract/refresh-activity.js';
import { TemporalKeepers } from '../../src/keepers/temporal-keepers.js';
import type { credentialKeeper } from '../../src/workflows/index.js';
import { type Keeper, specOf } from '../support/keeper-rig.js';
import { applyRequest, freshRequest, wantedAtMs } from '../support/requests.js';
import { tokenFor } from '../support/scripted-refresh.js';
import { openTestNamespace, type TestNamespace } from '../support/test-namespace.js';
import { type RunningWorker, startTestWorker } from '../support/test-worker.js';

const HOUR_MS = 3_600_000;

type Recording = (request: RefreshRequest) => RecordedApplication | Promise<RecordedApplication>;

/** What the journals of one credential are told. Each attempt does the next step, the last one again and again. */
class ScriptedJournals {
  readonly told: RefreshRequest[] = [];
  readonly #steps: Recording[];

  constructor(...steps: Recording[]) {
    this.#steps = steps;
  }

  readonly record: Recording = (request) => {
    this.told.push(request);
    const step = this.#steps.length > 1 ? this.#steps.shift() : this.#steps[0];
    return (step ?? knowsTheLogin)(request);
  };
}

const knowsTheLogin: Recording = ({
  credentialId,
  lineage,
  epoch,
  application,
  earlierLogins,
}) => ({ credentialId, login: { lineage, epoch, application, earlierLogins } });

/** The journal has a later token than the keeper. */
const hasALaterToken: Recording = async (request) => ({
  credentialId: request.credentialId,
  newest: await tokenFor(HOUR_MS)(request),
});

/** As where the worker has another journal than the keeper: tried again, and in vain until the keeper is moved. */
const isAway: Recording = () => {
  throw ApplicationFailure.create({ message: 'other journal', nextRetryDelay: HOUR_MS });
};

let namespace: TestNamespace;
let keepers: RunningWorker;
let refreshes: RunningWorker;
const journals = new Map<string, ScriptedJournals>();

/** Remembers no keeper, so that no task of one waits for a worker that has stopped. */
function startKeepers(): Promise<RunningWorker> {
  const options = { maxCachedWorkflows: 0 };
  return startTestWorker(namespace, { taskQueue: KEEPER_TASK_QUEUE, workflows: true, options });
}

beforeAll(async () => {
  namespace = await openTestNamespace();
  const activities = {
    refreshToken: tokenFor(HOUR_MS),
    recordApplication: (request: RefreshRequest) =>
      journals.get(request.credentialId)?.record(request),
  };
  const taskQueue = providerTaskQueue('oauth2');
  keepers = await startKeepers();
  refreshes = await startTestWorker(namespace, { taskQueue, activities });
});
afterAll(async () => {
  await Promise.all([keepers.stop(), refreshes.stop()]);
  await namespace.close();
});

/** A keeper that uses `journal-1`, and has just begun to tell it of an application. */
async function recordingKeeper(id: string, ...steps: Recording[]) {
  const told = new ScriptedJournals(...steps);
  journals.set(id, told);
  const input: KeeperInput = { apply: applyRequest(specOf(id)), useSearchAttributes: false };
  const keeper: Keeper = await namespace.client.workflow.start<typeof credentialKeeper>(
    KEEPER_WORKFLOW_TYPE,
    { workflowId: keeperWorkflowId(id), taskQueue: KEEPER_TASK_QUEUE, args: [input] },
  );
  await keeper.executeUpdate(ensureFreshUpdate, { args: [freshRequest()] });
  const corrected = specOf(id, { timing: { leadMs: 60_000 } });
  const outcome = await keeper.executeUpdate(applyUpdate, { args: [applyRequest(corrected)] });
  expect(outcome).toBe('updated');
  await expect.poll(() => told.told).toMatchObject([{ journalId: 'journal-1' }]);
  return { keeper, told: told.told };
}

/** Asks the keeper to leave `journal-1`. Resolves once the server has the request. */
async function askToMove({ workflowId }: Keeper): Promise<{ readonly answer: Promise<string> }> {
  const { client } = namespace;
  const updateId = randomUUID();
  const request = { from: 'journal-1', to: 'journal-2', wantedAtMs: wantedAtMs() };
  const answer = client.workflow
    .getHandle(workflowId)
    .executeUpdate(moveJournalUpdate, { args: [request], updateId });
  const updateRef = { workflowExecution: { workflowId }, updateId };
  const isThere = (): Promise<boolean> =>
    client.workflowService
      .pollWorkflowExecutionUpdate({ namespace: namespace.namespace, updateRef })
      .then(
        () => true,
        () => false,
      );
  await expect.poll(isThere).toBe(true);
  return { answer };
}

async function shownJournalOf(id: string): Promise<string | undefined> {
  return (await new TemporalKeepers(namespace.client).status(id)).journalId;
}

async function pendingActivitiesOf(keeper: Keeper): Promise<number | undefined> {
  return (await keeper.describe()).raw.pendingActivities?.length;
}

describe('a keeper that is moved while it tells its journal of an application', () => {
  it.each([
    ['knows of no more than the keeper', 'moved/known', knowsTheLogin],
    ['has a later token', 'moved/later', hasALaterToken],
  ])(
    'stays with the new journal and tells that one, also if the former one answers in the same moment and %s',
    async (_what, id, answer) => {
      let letAnswer: () => void = () => undefined;
      const mayAnswer = new Promise<void>((resolve) => (letAnswer = resolve));
      const { keeper, told } = await recordingKeeper(
        id,
        async (request) => {
          await mayAnswer;
          return answer(request);
        },
        knowsTheLogin,
      );
      // Both come to the keeper in one task.
      await keepers.stop();
      letAnswer();
      await expect.poll(() => pendingActivitiesOf(keeper)).toBe(0);
      const move = await askToMove(keeper);
      keepers = await startKeepers();

      expect(await move.answer).toBe('journal-2');
      await expect.poll(() => told.length).toBe(2);
      const moved = { journalId: 'journal-2', movedSinceMs: expect.any(Number) as number };
      expect(told[1]).toMatchObject({ ...moved, generation: 1 });
      await expect
        .poll(async () => (await keeper.query(carriedStateQuery)).isUnrecorded)
        .toBeUndefined();
      expect(await keeper.query(carriedStateQuery)).toMatchObject(moved);
      expect(await shownJournalOf(id)).toBe('journal-2');
    },
  );

  it('shows the move and tells the new journal at once, although the former one is asked again and again', async () => {
    const { keeper, told } = await recordingKeeper('moved/away', isAway, knowsTheLogin);
    expect(await (await askToMove(keeper)).answer).toBe('journal-2');
    await expect.poll(() => shownJournalOf('moved/away')).toBe('journal-2');
    await expect
      .poll(() => told.map(({ journalId }) => journalId))
      .toEqual(['journal-1', 'journal-2']);
  });
});
