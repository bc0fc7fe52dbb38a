import type { Client, WorkflowExecutionStatusName } from '@temporalio/client';
import { credentialIdOf, KEEPER_WORKFLOW_TYPE } from '../contract/names.js';
import { type Memo, type RunInfo, runInfo } from './described-keeper.js';
import { LIST_OVERLAP_MS, LIST_PAGE_DEADLINE_MS, LIST_PAGE_SIZE } from './numbers.js';
import { shownByAttributes, shownByMemo } from './shown-keeper.js';
import type { ShownKeeper } from './shown-keeper.js';
import { toServerError } from './temporal-error.js';

/**
 * Servers from 1.30 on set it, if it is switched on, on a run whose workflow task failed again and again
 * (https://docs.temporal.io/web-ui#task-failures-view).
 */
const REPORTED_PROBLEMS_ATTRIBUTE = 'TemporalReportedProblems';

/**
 * The newest run of a credential's keeper, as Temporal's visibility store knows it. The store lags by moments. What it shows
 * is what our search attributes say.
 */
export interface KeeperRun extends ShownKeeper {
  readonly id: string;
  readonly execution: WorkflowExecutionStatusName;
  /** The server itself says that the run's workflow task keeps failing. Servers before 1.30 never do. */
  readonly hasReportedProblems: boolean;
  /** What the keeper has published, sealed. Absent if the server drops it. */
  readonly memo?: Memo;
}

/**
 * The newest run of every credential's keeper, running or ended, without asking any worker. Rejects with a `TokenError`.
 */
export async function listKeeperRuns(client: Client): Promise<readonly KeeperRun[]> {
  const newest = new Map<string, RunInfo>();
  // Filter only once the newest run is known, because an older one may have another status.
  const query = `WorkflowType = '${KEEPER_WORKFLOW_TYPE}' AND ExecutionStatus != 'ContinuedAsNew'`;
  const add = (run: RunInfo): void => {
    const id = credentialIdOf(run.workflowId);
    const other = id === undefined ? undefined : newest.get(id);
    if (id !== undefined && (other === undefined || run.startedAtMs > other.startedAtMs)) {
      newest.set(id, run);
    }
  };
  let newestMs = Date.now();
  try {
    let count = 0;
    for await (const run of listRuns(client, query)) {
      // By the server's clock, since this one may be ahead. The newest runs come first.
      if (count === 0) newestMs = Math.min(newestMs, run.startedAtMs);
      count += 1;
      add(run);
    }
    // A keeper that continues as new moves to the first page, which may have been read by then.
    if (count >= LIST_PAGE_SIZE) {
      const since = new Date(newestMs - LIST_OVERLAP_MS).toISOString();
      for await (const run of listRuns(client, `${query} AND StartTime >= '${since}'`)) add(run);
    }
  } catch (error) {
    throw toServerError(error, '*');
  }
  return [...newest].map(([id, run]) => ({
    id,
    execution: run.execution,
    ...shownByAttributes(run.searchAttributes),
    hasReportedProblems:
      run.raw.searchAttributes?.indexedFields?.[REPORTED_PROBLEMS_ATTRIBUTE] !== undefined,
    memo: run.memo,
  }));
}

/**
 * Runs that a query of the visibility store finds. Each page has its own deadline, however many pages there are; past `endsAtMs`
 * none is waited for.
 */
export async function* listRuns(
  client: Client,
  query: string,
  endsAtMs = Number.POSITIVE_INFINITY,
): AsyncGenerator<RunInfo> {
  const { namespace } = client.options;
  let nextPageToken: Uint8Array = new Uint8Array();
  do {
    const page = await client.withDeadline(
      Math.min(Date.now() + LIST_PAGE_DEADLINE_MS, endsAtMs),
      () =>
        client.workflowService.listWorkflowExecutions({
          namespace,
          query,
          pageSize: LIST_PAGE_SIZE,
          nextPageToken,
        }),
    );
    yield* page.executions.map(runInfo);
    ({ nextPageToken } = page);
  } while (nextPageToken.length > 0);
}

/** A run with what its keeper has sealed, where this process can read that, in place of what the store shows. */
export async function asPublished(client: Client, run: KeeperRun): Promise<KeeperRun> {
  return { ...run, ...(await shownByMemo(client, run.id, run.memo)) };
}
