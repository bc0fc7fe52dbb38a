import { type Client, type WorkflowHandle, WorkflowNotFoundError } from '@temporalio/client';
import type { KeeperInput, KeeperState } from '../contract/keeper.js';
import { carriedStateQuery } from '../contract/message-definitions.js';
import { keeperWorkflowId } from '../contract/names.js';
import { beginningState } from '../policy/beginning.js';
import { describeKeeper } from './described-keeper.js';
import { firstDecoded } from './decoded-payloads.js';
import { repeatedQuery } from './repeated-query.js';
import { isBeforeFirstTask, isQueryFailed } from './temporal-error.js';

/**
 * What the newest run of a keeper knows; `undefined` only where there never was one. A refusal is not taken for that:
 * starting anew with the file's first refresh token would spend it a second time. Each call ends within `callDeadlineMs`.
 */
export function carriedState(
  client: Client,
  id: string,
  callDeadlineMs: number,
): Promise<KeeperState | undefined> {
  const handle = client.workflow.getHandle(keeperWorkflowId(id));
  const call = <T>(work: () => Promise<T>): Promise<T> =>
    client.connection.withDeadline(Date.now() + callDeadlineMs, work);
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
    const { endedAtMs } = await call(() => describeKeeper(client, id));
    if (endedAtMs === undefined || !isQueryFailed(error)) throw error;
    // A run that was ended between an event and its task answers never more. Its journal knows what it learned since.
    return call(() => startedState(client, id, handle));
  });
}

async function startedState(
  client: Client,
  id: string,
  handle: WorkflowHandle,
): Promise<KeeperState | undefined> {
  const { events } = await handle.fetchHistory();
  const input = events?.[0]?.workflowExecutionStartedEventAttributes?.input?.payloads;
  const started = (await firstDecoded(client, id, input)) as KeeperInput | undefined;
  if (started === undefined) return undefined;
  const state = beginningState(started, Date.now());
  return 'refused' in state ? started.state : state;
}
