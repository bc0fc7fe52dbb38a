import { Client } from '@temporalio/client';
import type { Payload } from '@temporalio/common';
import { msToTs } from '@temporalio/common/lib/time.js';
import proto from '@temporalio/proto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { statusQuery } from '../../src/contract/message-definitions.js';
import {
  KEEPER_WORKFLOW_TYPE,
  keeperWorkflowId,
  providerTaskQueue,
} from '../../src/contract/names.js';
import { KeeperAdministration } from '../../src/keepers/administration.js';
import { jsonReply } from '../../src/stand-ins/message.js';
import { FullStack } from '../support/full-stack.js';
import { replyWith } from '../support/provider-scripts.js';
import { openTestNamespace } from '../support/test-namespace.js';

const { CommandType } = proto.temporal.api.enums.v1;

/** Long enough for a worker of the attacker to be given a task. */
const POLL_MS = 60_000;
const ACTIVITY_TIMEOUT = msToTs('30s');

let stack: FullStack;
let keepers: KeeperAdministration;

beforeAll(async () => {
  stack = await FullStack.open({ openNamespace: openTestNamespace });
  keepers = new KeeperAdministration(stack.client);
});
afterAll(() => stack.close());

/** An activity that a keeper asked for. Its input opens only under its id, which anybody can repeat. */
interface Asked {
  readonly activityId: string;
  readonly input: Payload;
}

/**
 * What whoever may write to the namespace does without a key: it ends the keeper, runs a workflow of its own under that
 * name, and lets it ask for an activity with a recorded input. Resolves with the type of the failure that comes back.
 */
async function askedAgain(
  id: string,
  { workflowType, asked }: { readonly workflowType: string; readonly asked: Asked },
): Promise<string | undefined> {
  const { connection, options } = stack.client;
  const { namespace } = options;
  const { workflowService } = new Client({ connection, namespace });
  const taskQueue = { name: `attacker.${id}` };
  const workflowId = keeperWorkflowId(id);
  const nextTask = () =>
    connection.withDeadline(Date.now() + POLL_MS, () =>
      workflowService.pollWorkflowTaskQueue({ namespace, taskQueue, identity: 'attacker' }),
    );
  await workflowService.terminateWorkflowExecution({
    namespace,
    workflowExecution: { workflowId },
  });
  await workflowService.startWorkflowExecution({
    namespace,
    requestId: `attack-${id}`,
    workflowId,
    workflowType: { name: workflowType },
    taskQueue,
  });
  const { taskToken } = await nextTask();
  await workflowService.respondWorkflowTaskCompleted({
    namespace,
    taskToken,
    identity: 'attacker',
    commands: [
      {
        commandType: CommandType.COMMAND_TYPE_SCHEDULE_ACTIVITY_TASK,
        scheduleActivityTaskCommandAttributes: {
          activityId: asked.activityId,
          activityType: { name: 'revokeToken' },
          taskQueue: { name: providerTaskQueue('oauth2') },
          input: { payloads: [asked.input] },
          scheduleToCloseTimeout: ACTIVITY_TIMEOUT,
          scheduleToStartTimeout: ACTIVITY_TIMEOUT,
          startToCloseTimeout: ACTIVITY_TIMEOUT,
          heartbeatTimeout: ACTIVITY_TIMEOUT,
        },
      },
    ],
  });
  const { history } = await nextTask();
  const failures = (history?.events ?? []).flatMap(
    ({ activityTaskFailedEventAttributes: failed }) => failed?.failure ?? [],
  );
  return failures[0]?.applicationFailureInfo?.type ?? undefined;
}

async function reaches(id: string, generation: number): Promise<void> {
  const keeper = stack.client.workflow.getHandle(keeperWorkflowId(id));
  await expect.poll(async () => (await keeper.query(statusQuery)).generation).toBe(generation);
}

describe('a revocation that was refused once, run again without a key', () => {
  it.each([
    ['a workflow of another type', 'any', 'ApplyRefusedError'],
    ['a workflow that claims to be a keeper', KEEPER_WORKFLOW_TYPE, 'RevocationFailedError'],
  ])(
    'does not revoke what was refreshed since, asked for by %s',
    async (_who, workflowType, failureType) => {
      const id = `replayed/${workflowType.toLowerCase()}`;
      const standIn = stack.standIns.of('oauth2');
      await keepers.apply(stack.spec('oauth2', id));
      await reaches(id, 1);
      standIn.answerNext(replyWith(jsonReply(400, { error: 'unsupported_token_type' })));
      expect(await keepers.revoke(id)).toMatchObject({ outcome: 'not-revoked' });
      const keeper = stack.client.workflow.getHandle(keeperWorkflowId(id));
      const { events } = await keeper.fetchHistory();
      const [asked] = (events ?? []).flatMap(({ activityTaskScheduledEventAttributes: task }) =>
        task?.activityType?.name === 'revokeToken'
          ? { activityId: task.activityId ?? '', input: task.input?.payloads?.[0] ?? {} }
          : [],
      );
      if (asked === undefined) throw new Error('the keeper asked for no revocation');
      await keepers.forceRefresh(id, { unusableGeneration: 1, cuts: 'retry-after' });
      await reaches(id, 2);

      const sent = standIn.requests.length;
      expect(await askedAgain(id, { workflowType, asked })).toBe(failureType);
      expect(standIn.requests).toHaveLength(sent);
    },
    120_000,
  );
});
