import type { Client, WorkflowExecutionInfo } from '@temporalio/client';
import { withDeadline } from '../connection.js';
import { KEEPER_STATUSES } from '../contract/keeper.js';
import type { KeeperStatus } from '../contract/keeper.js';
import type { StatusAnswer } from '../contract/messages.js';
import { credentialIdOf, KEEPER_WORKFLOW_TYPE } from '../contract/names.js';
import {
  EXPIRES_AT_ATTRIBUTE,
  PROVIDER_ATTRIBUTE,
  STATUS_ATTRIBUTE,
} from '../contract/search-attributes.js';
import { QUERIES_AT_ONCE } from '../policy/numbers.js';
import type { CredentialSummary } from './keeper-port.js';

/**
 * Every credential's newest run, from the visibility store. Where the namespace lacks our search attributes,
 * `ask` is asked for each one.
 */
export async function listCredentials(
  client: Client,
  ask: (id: string) => Promise<StatusAnswer>,
): Promise<readonly CredentialSummary[]> {
  const newest = new Map<string, WorkflowExecutionInfo>();
  // Filters wait until the newest run is known: an older one may have another status.
  const query = `WorkflowType = '${KEEPER_WORKFLOW_TYPE}' AND ExecutionStatus != 'ContinuedAsNew'`;
  await withDeadline(client.connection, async () => {
    for await (const run of client.workflow.list({ query })) {
      const id = credentialIdOf(run.workflowId);
      const other = id === undefined ? undefined : newest.get(id);
      if (id !== undefined && (other === undefined || run.startTime > other.startTime)) {
        newest.set(id, run);
      }
    }
  });
  return inBatches([...newest], async ([id, run]) => summaryOf(id, run) ?? (await asked(id, ask)));
}

function summaryOf(id: string, run: WorkflowExecutionInfo): CredentialSummary | undefined {
  const provider = run.typedSearchAttributes.get(PROVIDER_ATTRIBUTE);
  const status = statusNamed(run.typedSearchAttributes.get(STATUS_ATTRIBUTE));
  const expiresAt = run.typedSearchAttributes.get(EXPIRES_AT_ATTRIBUTE);
  if (provider === undefined || status === undefined) return undefined;
  const hasEnded = run.status.name !== 'RUNNING';
  return {
    id,
    provider,
    // A terminated run could not say so itself.
    status: hasEnded && status !== 'failed' ? 'stopped' : status,
    ...(expiresAt === undefined ? {} : { expiresAtMs: expiresAt.getTime() }),
  };
}

async function asked(
  id: string,
  ask: (id: string) => Promise<StatusAnswer>,
): Promise<CredentialSummary> {
  try {
    const { provider, status, expiresAtMs } = await ask(id);
    return { id, provider, status, ...(expiresAtMs === undefined ? {} : { expiresAtMs }) };
  } catch {
    // That it exists is worth a line, also where no worker tells more.
    return { id };
  }
}

function statusNamed(name: string | undefined): KeeperStatus | undefined {
  return KEEPER_STATUSES.find((status) => status === name);
}

async function inBatches<T, R>(
  items: readonly T[],
  work: (item: T) => Promise<R>,
): Promise<readonly R[]> {
  const results: R[] = [];
  for (let start = 0; start < items.length; start += QUERIES_AT_ONCE) {
    const batch = items.slice(start, start + QUERIES_AT_ONCE);
    results.push(...(await Promise.all(batch.map(work))));
  }
  return results;
}
