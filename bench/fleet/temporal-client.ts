import { Client, Connection } from '@temporalio/client';
import { atOnce } from '../measure/at-once.js';
import { NAMESPACE } from '../server/bench-server.js';

/** Calls at once of the benchmark itself: enough to keep a server of a few cores busy. */
export const CALLS_AT_ONCE = 16;

/** A client without keys, for what needs none. */
export async function openBareClient(address: string): Promise<Client> {
  return new Client({ connection: await Connection.connect({ address }), namespace: NAMESPACE });
}

/** Ends workflows, whether they run or not. */
export async function terminate(client: Client, workflowIds: readonly string[]): Promise<void> {
  await atOnce(CALLS_AT_ONCE, workflowIds, async (id) => {
    await client.workflow
      .getHandle(id)
      .terminate('the round is over')
      .catch(() => undefined);
  });
}

/**
 * Asks the server about the newest run of a workflow, and looks into nothing that is sealed: the bare call that any
 * read of a keeper takes at least.
 */
export function describe(
  client: Client,
  workflowId: string,
): ReturnType<Client['workflowService']['describeWorkflowExecution']> {
  return client.workflowService.describeWorkflowExecution({
    namespace: NAMESPACE,
    execution: { workflowId },
  });
}

/** Those of these workflows, named by whatever leads to their IDs, for which a task or an activity waits or is under way. */
export async function waitingOf(
  client: Client,
  ids: readonly string[],
  workflowIdOf: (id: string) => string = (id) => id,
): Promise<readonly string[]> {
  const waiting: string[] = [];
  await atOnce(CALLS_AT_ONCE, ids, async (id) => {
    const { pendingWorkflowTask, pendingActivities } = await describe(client, workflowIdOf(id));
    if (pendingWorkflowTask || pendingActivities.length > 0) waiting.push(id);
  });
  return waiting;
}

/** How long the history of a run is. */
export interface HistorySize {
  readonly runId: string;
  readonly events: number;
  readonly bytes: number;
}

/** Length of the history of a workflow's newest run. */
export async function historySize(client: Client, workflowId: string): Promise<HistorySize> {
  const { workflowExecutionInfo: info } = await describe(client, workflowId);
  return {
    runId: info?.execution?.runId ?? '',
    events: Number(info?.historyLength ?? 0),
    bytes: Number(info?.historySizeBytes ?? 0),
  };
}
