import { type Client, type WorkflowHandle, WorkflowNotFoundError } from '@temporalio/client';
import type { KeeperState } from '../contract/keeper.js';
import { carriedStateQuery } from '../contract/message-definitions.js';
import { keeperWorkflowId } from '../contract/names.js';
import { fitsKeeperInput } from '../contract/payload-checks.js';
import { isMadeUp, madeUp, UndecipherableError } from '../encryption/undecipherable-error.js';
import { beginningState } from '../policy/beginning.js';
import { firstDecoded } from './decoded-payloads.js';
import { describeKeeper } from './described-keeper.js';
import { repeatedQuery } from './repeated-query.js';
import { listRuns } from './runs.js';
import { isBeforeFirstTask, isQueryFailed } from './query-error.js';

/**
 * What the newest run of a keeper knows; `undefined` only if there never was a run. If the server refuses to say, that is an
 * error and not `undefined`, because a start with the file's first refresh token would spend that token a second time. An
 * ended run is passed over if somebody without a key started it under the keeper's name. Each call ends within
 * `callDeadlineMs`, but for the pages of the list that is then needed.
 */
export async function carriedState(
  client: Client,
  id: string,
  callDeadlineMs: number,
): Promise<KeeperState | undefined> {
  const call: Call = (work) => client.connection.withDeadline(Date.now() + callDeadlineMs, work);
  const newest = await stateOfRun(client, id, { callDeadlineMs, call }).catch(unlessNotOurs);
  if (newest !== NOT_OF_A_KEEPER) return newest;
  for await (const { runId } of listRuns(client, `WorkflowId = '${keeperWorkflowId(id)}'`)) {
    const state = await stateOfRun(client, id, { callDeadlineMs, call, runId }).catch(
      unlessNotOurs,
    );
    if (state !== NOT_OF_A_KEEPER) return state;
  }
  return undefined;
}

type Call = <T>(work: () => Promise<T>) => Promise<T>;

const NOT_OF_A_KEEPER = Symbol('not of a keeper');

function unlessNotOurs(error: unknown): typeof NOT_OF_A_KEEPER {
  if (!(error instanceof UndecipherableError) || !isMadeUp(error)) throw error;
  return NOT_OF_A_KEEPER;
}

async function stateOfRun(
  client: Client,
  id: string,
  { callDeadlineMs, call, runId }: { callDeadlineMs: number; call: Call; runId?: string },
): Promise<KeeperState | undefined> {
  const handle = client.workflow.getHandle(keeperWorkflowId(id), runId);
  const ask = async (): Promise<KeeperState | undefined> => {
    try {
      return await call(() => handle.query(carriedStateQuery));
    } catch (error) {
      if (error instanceof WorkflowNotFoundError) return undefined;
      // A run that ended before its first task still knows what it was started with.
      if (isBeforeFirstTask(error)) return call(() => startedState(client, id, handle));
      throw error;
    }
  };
  return repeatedQuery(ask, { forMs: callDeadlineMs }).catch(async (error: unknown) => {
    if (!isQueryFailed(error) || !(await call(() => hasEnded(client, id, runId)))) throw error;
    // A run that was ended between an event and its task never answers again. The journal knows what it learned since.
    return call(() => startedState(client, id, handle));
  });
}

async function hasEnded(client: Client, id: string, runId: string | undefined): Promise<boolean> {
  const { endedAtMs } = await describeKeeper(client, id, runId);
  return endedAtMs !== undefined;
}

async function startedState(
  client: Client,
  id: string,
  handle: WorkflowHandle,
): Promise<KeeperState | undefined> {
  const { events } = await handle.fetchHistory();
  const input = events?.[0]?.workflowExecutionStartedEventAttributes?.input?.payloads;
  const started = await firstDecoded(client, id, input);
  if (!fitsKeeperInput(started)) throw madeUp();
  const state = beginningState(started, Date.now());
  return 'refused' in state ? started.state : state;
}
