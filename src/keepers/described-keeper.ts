import {
  type Client,
  type WorkflowExecutionStatusName,
  WorkflowNotFoundError,
} from '@temporalio/client';
import {
  NamespaceNotFoundError,
  type Payload,
  type TypedSearchAttributes,
} from '@temporalio/common';
import { decodeTypedSearchAttributes } from '@temporalio/common/lib/converter/payload-search-attributes.js';
import { optionalTsToMs } from '@temporalio/common/lib/time.js';
import proto from '@temporalio/proto';
import type { temporal } from '@temporalio/proto';
import { defined } from '../contract/defined.js';
import { keeperWorkflowId } from '../contract/names.js';
import { isNamespaceMissing, isNotFound } from './temporal-error.js';

const { WorkflowExecutionStatus } = proto.temporal.api.enums.v1;

/** Fields of a memo as the server has them. */
export type Memo = Readonly<Record<string, Payload>>;

type RawInfo = temporal.api.workflow.v1.IWorkflowExecutionInfo;
type RawDescription = temporal.api.workflowservice.v1.IDescribeWorkflowExecutionResponse;

/** What the Temporal server tells of one run in a description or a list. */
export interface RunInfo {
  readonly workflowId: string;
  readonly runId: string;
  readonly execution: WorkflowExecutionStatusName;
  readonly startedAtMs: number;
  /** When the run ended; absent while it runs. */
  readonly endedAtMs?: number;
  readonly searchAttributes: TypedSearchAttributes;
  /** What the run has published, sealed. */
  readonly memo: Memo;
  readonly raw: RawInfo;
}

/** What the Temporal server tells of a keeper's run when it is asked for that one. */
export interface DescribedKeeper extends RunInfo {
  readonly description: RawDescription;
}

/**
 * Describes the newest run of a keeper, or the one that is named. The client library's own call would decode the memo, and so
 * fail without a key for it. Rejects with Temporal's errors.
 */
export async function describeKeeper(
  client: Client,
  id: string,
  runId?: string,
): Promise<DescribedKeeper> {
  const { namespace } = client.options;
  const workflowId = keeperWorkflowId(id);
  try {
    const description = await client.workflowService.describeWorkflowExecution({
      namespace,
      execution: { workflowId, ...defined({ runId }) },
    });
    return { ...runInfo(description.workflowExecutionInfo ?? {}), description };
  } catch (error) {
    if (isNamespaceMissing(error)) throw new NamespaceNotFoundError(namespace);
    if (isNotFound(error)) throw new WorkflowNotFoundError('no such keeper', workflowId, undefined);
    throw error;
  }
}

/** Reads what the server tells of a run. */
export function runInfo(raw: RawInfo): RunInfo {
  const endedAtMs = optionalTsToMs(raw.closeTime);
  return {
    workflowId: raw.execution?.workflowId ?? '',
    runId: raw.execution?.runId ?? '',
    execution: statusName(raw.status),
    startedAtMs: optionalTsToMs(raw.startTime) ?? 0,
    ...defined({ endedAtMs }),
    searchAttributes: decodeTypedSearchAttributes(raw.searchAttributes?.indexedFields),
    memo: raw.memo?.fields ?? {},
    raw,
  };
}

/** The name that the client library gives a status. */
function statusName(
  status: temporal.api.enums.v1.WorkflowExecutionStatus | null | undefined,
): WorkflowExecutionStatusName {
  const name = (WorkflowExecutionStatus[status ?? 0] ?? 'UNSPECIFIED').replace(
    'WORKFLOW_EXECUTION_STATUS_',
    '',
  );
  return (name === 'CANCELED' ? 'CANCELLED' : name) as WorkflowExecutionStatusName;
}
