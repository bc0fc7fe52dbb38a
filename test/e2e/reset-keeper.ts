import { randomUUID } from 'node:crypto';
import type { Client } from '@temporalio/client';
import proto from '@temporalio/proto';
import { keeperWorkflowId } from '../../src/contract/names.js';

const { ResetReapplyExcludeType } = proto.temporal.api.enums.v1;

/** Resets a keeper to when it had its first token, as an operator does; nothing that came after is applied again. */
export async function resetToFirstRefresh(client: Client, id: string): Promise<void> {
  const workflowId = keeperWorkflowId(id);
  const keeper = client.workflow.getHandle(workflowId);
  const { events } = await keeper.fetchHistory();
  const refreshedAt = events?.findIndex((event) => event.activityTaskCompletedEventAttributes);
  const task = events
    ?.slice(refreshedAt)
    .find((event) => event.workflowTaskCompletedEventAttributes);
  if (!task?.eventId) throw new Error('the keeper has not refreshed');
  const { runId } = await keeper.describe();
  await client.workflowService.resetWorkflowExecution({
    namespace: client.options.namespace,
    workflowExecution: { workflowId, runId },
    workflowTaskFinishEventId: task.eventId,
    requestId: randomUUID(),
    reason: 'a test resets it',
    resetReapplyExcludeTypes: [
      ResetReapplyExcludeType.RESET_REAPPLY_EXCLUDE_TYPE_SIGNAL,
      ResetReapplyExcludeType.RESET_REAPPLY_EXCLUDE_TYPE_UPDATE,
    ],
  });
}
