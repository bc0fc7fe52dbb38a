import { randomUUID } from 'node:crypto';
import proto from '@temporalio/proto';
import { keeperWorkflowId } from '../../src/contract/names.js';
import { type Fault, journaledIds } from './fault.js';
import type { Lane } from './lane.js';

const { EVENT_TYPE_WORKFLOW_TASK_COMPLETED } = proto.temporal.api.enums.v1.EventType;

/** An operator resets keepers to before their first refresh, after the provider has rotated twice. */
export const resetKeeper: Fault = {
  title: 'operator resets the keeper to before two rotations',
  victim: 'keeper',
  mustBeHarmless: true,
  strike: async (lane, credentials) => {
    for (const credential of credentials) credential.letAnswer();
    for (const { spec } of credentials) {
      await lane.tokens.refresh(spec.id, { afterGeneration: 0 });
      await lane.tokens.refresh(spec.id, { afterGeneration: 1 });
    }
    const atMs = Date.now();
    for (const { spec } of credentials) await reset(lane, keeperWorkflowId(spec.id));
    return { atMs, journaled: await journaledIds(lane, credentials) };
  },
};

/** Goes back to the keeper's first task, before its first refresh. */
async function reset({ client }: Lane, workflowId: string): Promise<void> {
  const { events } = await client.workflow.getHandle(workflowId).fetchHistory();
  const firstTask = events?.find(
    ({ eventType }) => eventType === EVENT_TYPE_WORKFLOW_TASK_COMPLETED,
  );
  if (!firstTask?.eventId) throw new Error('the keeper has not begun');
  await client.workflowService.resetWorkflowExecution({
    namespace: client.options.namespace,
    workflowExecution: { workflowId },
    workflowTaskFinishEventId: firstTask.eventId,
    reason: 'fault campaign',
    requestId: randomUUID(),
  });
}
