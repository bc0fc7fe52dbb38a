import { type Client, WorkflowExecutionAlreadyStartedError } from '@temporalio/client';
import { defined } from '../contract/defined.js';
import type { KeeperInput, KeeperState } from '../contract/keeper.js';
import type { ApplyRequest } from '../contract/messages.js';
import {
  KEEPER_TASK_QUEUE,
  KEEPER_WORKFLOW_TYPE,
  keeperWorkflowId,
  PUBLISHED_MEMO,
} from '../contract/names.js';
import { searchAttributesOf } from '../contract/search-attributes.js';
import { publishedAnswer, publishedSettings } from '../policy/published-answer.js';
import { beginning, type ApplyTry, refusedTry } from './apply-result.js';

/** How a run follows those before it. */
export interface StartOptions {
  /** What the run before knew; `undefined` if there was none. */
  readonly previous: KeeperState | undefined;
  /** Whether the server may start it after a run that has ended. */
  readonly reuse: 'ALLOW_DUPLICATE' | 'REJECT_DUPLICATE';
}

/** Starts a keeper's run; `undefined` if there already is one. Rejects with Temporal's errors. */
export async function startRun(
  client: Client,
  request: ApplyRequest,
  { previous, reuse }: StartOptions,
): Promise<ApplyTry | undefined> {
  const { spec, useSearchAttributes } = request;
  const begin = beginning(previous, request);
  if ('refused' in begin) return refusedTry(begin);
  const input: KeeperInput = {
    apply: request,
    ...defined({ state: previous }),
    useSearchAttributes,
  };
  try {
    await client.workflow.start(KEEPER_WORKFLOW_TYPE, {
      workflowId: keeperWorkflowId(spec.id),
      taskQueue: KEEPER_TASK_QUEUE,
      args: [input],
      workflowIdConflictPolicy: 'FAIL',
      workflowIdReusePolicy: reuse,
      staticSummary: `${spec.id} (${spec.provider})`,
      // So a token from the file can be read before any worker has seen it.
      memo: {
        [PUBLISHED_MEMO.answer]: publishedAnswer(begin.state, Date.now()),
        [PUBLISHED_MEMO.settings]: publishedSettings(begin.state.spec, useSearchAttributes),
      },
      ...(useSearchAttributes ? { typedSearchAttributes: searchAttributesOf(begin.state) } : {}),
    });
  } catch (error) {
    if (error instanceof WorkflowExecutionAlreadyStartedError) return undefined;
    throw error;
  }
  return { outcome: begin.outcome };
}
