import proto from '@temporalio/proto';
import { afterAll, beforeAll, expect, it } from 'vitest';
import {
  KEEPER_TASK_QUEUE,
  KEEPER_WORKFLOW_TYPE,
  keeperWorkflowId,
} from '../../src/contract/names.js';
import { EncryptionCodec } from '../../src/encryption/payload-codec.js';
import { generateKey, KeyRing } from '../../src/encryption/key-ring.js';
import { plain } from '../attacks/attacker.js';
import { FullStack } from '../support/full-stack.js';
import { openTestNamespace } from '../support/test-namespace.js';

const { COMMAND_TYPE_CONTINUE_AS_NEW_WORKFLOW_EXECUTION } = proto.temporal.api.enums.v1.CommandType;
const WITHIN = { timeout: 60_000, interval: 100 };
const POLL_DEADLINE_MS = 20_000;
const ID = 'continued/one';

let stack: FullStack;

beforeAll(async () => {
  stack = await FullStack.open({ openNamespace: openTestNamespace });
});
afterAll(() => stack.close());

/** Continues a keeper as new with an input that no worker here can read, as one looks to a worker without its key. */
async function continueUnreadable(): Promise<void> {
  const keyRing = KeyRing.parse(generateKey());
  const foreign = new EncryptionCodec({ keyRing, allowPlaintext: false });
  const workflowId = keeperWorkflowId(ID);
  const payloads = await foreign.encode([plain('{}')], {
    type: 'workflow',
    namespace: stack.client.options.namespace,
    workflowId,
  });
  const { workflow, workflowService, connection, options } = stack.client;
  const { namespace } = options;
  const taskQueue = 'nobody-else-serves-this';
  await workflow.start(KEEPER_WORKFLOW_TYPE, { workflowId, taskQueue });
  const { taskToken } = await connection.withDeadline(Date.now() + POLL_DEADLINE_MS, () =>
    workflowService.pollWorkflowTaskQueue({
      namespace,
      taskQueue: { name: taskQueue },
      identity: 'the test',
    }),
  );
  await workflowService.respondWorkflowTaskCompleted({
    namespace,
    taskToken,
    identity: 'the test',
    commands: [
      {
        commandType: COMMAND_TYPE_CONTINUE_AS_NEW_WORKFLOW_EXECUTION,
        continueAsNewWorkflowExecutionCommandAttributes: {
          workflowType: { name: KEEPER_WORKFLOW_TYPE },
          taskQueue: { name: KEEPER_TASK_QUEUE },
          input: { payloads },
        },
      },
    ],
  });
}

it('a worker that cannot read what a keeper goes on with fails its task and not the keeper, so that another worker can', async () => {
  await continueUnreadable();
  const handle = stack.client.workflow.getHandle(keeperWorkflowId(ID));
  await expect
    .poll(async () => (await handle.describe()).raw.pendingWorkflowTask?.attempt ?? 0, WITHIN)
    .toBeGreaterThan(1);
  expect((await handle.describe()).status.name).toBe('RUNNING');
  await handle.terminate();
});
