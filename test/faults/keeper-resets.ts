import { randomUUID } from 'node:crypto';
import proto from '@temporalio/proto';
import type { CredentialSpec } from '../../src/contract/credential.js';
import { keeperWorkflowId } from '../../src/contract/names.js';
import { eachIs, type Fault, journaledIds } from './fault.js';
import type { Lane } from './lane.js';

const { EventType, ResetReapplyExcludeType } = proto.temporal.api.enums.v1;

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
    for (const { spec } of credentials) await reset(lane, spec.id);
    return { atMs, journaled: await journaledIds(lane, credentials) };
  },
};

/**
 * An operator resets keepers to before somebody logged in again, and lets no update be reapplied, as after rolling back
 * past a `patched` branch; then the credentials file is applied again, with the login that rotation has long spent.
 */
export const resetPastNewLogin: Fault = {
  title: 'operator resets the keeper to before a new login; its file is applied again',
  victim: 'keeper',
  mustBeHarmless: true,
  strike: async (lane, credentials) => {
    for (const credential of credentials) credential.letAnswer();
    const files: CredentialSpec[] = [];
    for (const credential of credentials) {
      const { id } = credential.spec;
      const { generation } = await lane.tokens.refresh(id, { afterGeneration: 0 });
      const file = credential.newLogin();
      await lane.keepers.apply(file);
      await lane.tokens.refresh(id, { afterGeneration: generation + 1 });
      files.push(file);
    }
    const atMs = Date.now();
    const journaled = await journaledIds(lane, credentials);
    for (const { id } of files) {
      await reset(lane, id, [ResetReapplyExcludeType.RESET_REAPPLY_EXCLUDE_TYPE_UPDATE]);
    }
    await eachIs(credentials, async ({ spec }) => {
      const { epoch } = await lane.tokens.status(spec.id);
      return epoch > 1;
    });
    for (const file of files) await lane.keepers.apply(file);
    return { atMs, journaled };
  },
};

/** Goes back to the keeper's first task, before its first refresh. */
async function reset(
  { client }: Lane,
  id: string,
  resetReapplyExcludeTypes: proto.temporal.api.enums.v1.ResetReapplyExcludeType[] = [],
): Promise<void> {
  const workflowId = keeperWorkflowId(id);
  const { events } = await client.workflow.getHandle(workflowId).fetchHistory();
  const firstTask = events?.find(
    ({ eventType }) => eventType === EventType.EVENT_TYPE_WORKFLOW_TASK_COMPLETED,
  );
  if (!firstTask?.eventId) throw new Error('the keeper has not begun');
  await client.workflowService.resetWorkflowExecution({
    namespace: client.options.namespace,
    workflowExecution: { workflowId },
    workflowTaskFinishEventId: firstTask.eventId,
    reason: 'fault campaign',
    resetReapplyExcludeTypes,
    requestId: randomUUID(),
  });
}
