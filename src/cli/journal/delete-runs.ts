import { setTimeout as delay } from 'node:timers/promises';
import type { Client } from '@temporalio/client';
import { keeperWorkflowId } from '../../contract/names.js';
import {
  type DescribedKeeper,
  describeKeeper,
  type RunInfo,
} from '../../keepers/described-keeper.js';
import { QUERY_RETRY_MS } from '../../keepers/numbers.js';
import { listRuns } from '../../keepers/runs.js';
import { isWorkflowMissing, toServerError } from '../../keepers/temporal-error.js';
import { withDeadline } from '../../temporal/connection.js';
import { CommandError } from '../errors.js';
import { FORGET_DEADLINE_MS } from '../numbers.js';

/** The newest run of a credential; `undefined` if Temporal knows none. Rejects with a `TokenError`. */
export function newestRun(client: Client, id: string): Promise<DescribedKeeper | undefined> {
  return found(id, () => withDeadline(client.connection, () => describeKeeper(client, id)));
}

/** The first run of a keeper, which goes on in run after run. An application to an ended keeper begins another one. */
export function firstRunOf({ runId, raw }: RunInfo): string {
  return raw.firstRunId ? raw.firstRunId : runId;
}

/** Ends a keeper at once, if it still runs. Rejects with a `TokenError`. */
export async function terminate(client: Client, id: string, firstRunId: string): Promise<void> {
  const handle = client.workflow.getHandle(keeperWorkflowId(id), undefined, {
    firstExecutionRunId: firstRunId,
  });
  await found(id, () => withDeadline(client.connection, () => handle.terminate()));
}

/** @throws CommandError if it runs, although all that the operator agreed to end has ended */
export function refuseRunning(id: string, run: DescribedKeeper | undefined): void {
  if (run?.execution !== 'RUNNING') return;
  throw new CommandError(
    `${id} was applied meanwhile, and its keeper goes on; stop it first with: evertoken stop ${id}`,
  );
}

/** Ids of the runs that the visibility store knows, which lags by moments. Rejects with a `TokenError`. */
export async function listedRuns(client: Client, id: string): Promise<readonly string[]> {
  const runIds: string[] = [];
  try {
    for await (const { runId } of listRuns(client, `WorkflowId = '${keeperWorkflowId(id)}'`)) {
      runIds.push(runId);
    }
  } catch (error) {
    throw toServerError(error, id);
  }
  return runIds;
}

/**
 * Deletes runs that have ended, and those that are not listed yet. Resolves with their number once Temporal knows none any
 * more, which takes a while.
 * @throws CommandError if a keeper was started meanwhile; that is left alone
 */
export async function deleteRuns(
  client: Client,
  id: string,
  ended: readonly string[],
): Promise<number> {
  for (const runId of ended) await deleteRun(client, id, runId);
  const deleted = new Set(ended);
  const giveUpAtMs = Date.now() + FORGET_DEADLINE_MS;
  for (;;) {
    const newest = await newestRun(client, id);
    if (newest === undefined) return deleted.size;
    refuseRunning(id, newest);
    if (Date.now() > giveUpAtMs) {
      throw new CommandError(
        `${id}: Temporal has not deleted all yet [run=${newest.runId}]; run it again`,
      );
    }
    // Every round deletes again: a deletion soon after a run's end may be dropped.
    await deleteRun(client, id, newest.runId);
    deleted.add(newest.runId);
    await delay(QUERY_RETRY_MS);
  }
}

async function deleteRun(client: Client, id: string, runId: string): Promise<void> {
  const workflowExecution = { workflowId: keeperWorkflowId(id), runId };
  const { namespace } = client.options;
  await found(id, () =>
    withDeadline(client.connection, () =>
      client.workflowService.deleteWorkflowExecution({ namespace, workflowExecution }),
    ),
  );
}

/** What the server answers; `undefined` if it says that there is no such run. Rejects with a `TokenError`. */
async function found<T>(id: string, call: () => Promise<T>): Promise<T | undefined> {
  try {
    return await call();
  } catch (error) {
    if (isWorkflowMissing(error)) return undefined;
    throw toServerError(error, id);
  }
}
