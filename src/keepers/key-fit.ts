import type { Client } from '@temporalio/client';
import { credentialIdOf, KEEPER_WORKFLOW_TYPE } from '../contract/names.js';
import { isOfOtherKeys, UndecipherableError } from '../encryption/undecipherable-error.js';
import { withDeadline } from '../temporal/connection.js';
import { type Memo, runInfo } from './described-keeper.js';
import { mapConcurrently } from './map-concurrently.js';
import { KEEPERS_TRIED_WITH_KEYS } from './numbers.js';
import { publishedAnswerIn } from './published-memo.js';

/** How the keys of a client fit keepers. */
export interface KeyFit {
  /** Keepers whose published answers open. */
  readonly readable: number;
  /** Keepers whose published answers were sealed with other keys. */
  readonly unreadable: number;
  /** Ids of those keys. */
  readonly otherKeyIds: readonly string[];
}

/** A keeper, and what it has published. */
export interface PublishedKeeper {
  readonly id: string;
  readonly memo?: Memo;
}

/** How the keys fit what keepers have published. A keeper that has published nothing counts as neither. */
export async function keyFit(client: Client, keepers: readonly PublishedKeeper[]): Promise<KeyFit> {
  const tried = await mapConcurrently(keepers, ({ id, memo }) => tryKeys(client, id, memo));
  const otherKeyIds = tried.flatMap((one) => (typeof one === 'object' ? [one.otherKeyId] : []));
  return {
    readable: tried.filter((one) => one === 'readable').length,
    unreadable: otherKeyIds.length,
    otherKeyIds: [...new Set(otherKeyIds)].sort(),
  };
}

/** As `keyFit`, of up to `KEEPERS_TRIED_WITH_KEYS` keepers that run. Rejects with Temporal's errors. */
export async function runningKeyFit(client: Client): Promise<KeyFit> {
  const { executions } = await withDeadline(client.connection, () =>
    client.workflowService.listWorkflowExecutions({
      namespace: client.options.namespace,
      query: `WorkflowType = '${KEEPER_WORKFLOW_TYPE}' AND ExecutionStatus = 'Running'`,
      pageSize: KEEPERS_TRIED_WITH_KEYS,
    }),
  );
  const keepers = executions.map(runInfo).flatMap(({ workflowId, memo }): PublishedKeeper[] => {
    const id = credentialIdOf(workflowId);
    return id === undefined ? [] : [{ id, memo }];
  });
  return keyFit(client, keepers);
}

async function tryKeys(
  client: Client,
  id: string,
  memo: Memo | undefined,
): Promise<'readable' | 'silent' | { readonly otherKeyId: string }> {
  try {
    const answer = await publishedAnswerIn(client, id, memo);
    return answer === undefined ? 'silent' : 'readable';
  } catch (error) {
    if (!(error instanceof UndecipherableError)) throw error;
    if (!isOfOtherKeys(error)) return 'silent';
    return { otherKeyId: error.keyId ?? 'unnamed' };
  }
}
