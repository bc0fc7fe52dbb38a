import type { Client } from '@temporalio/client';
import type { StatusAnswer } from '../contract/messages.js';
import type { Coverage } from './coverage.js';
import { eachAtOnce } from './each-at-once.js';
import type { CredentialSummary } from './keeper-port.js';
import { listKeeperRuns } from './keeper-runs.js';
import type { KeeperRun } from './keeper-runs.js';

/**
 * The newest run of every credential that is covered, from the visibility store. Where the namespace lacks our search attributes,
 * `ask` is asked for each one.
 */
export async function listCredentials(
  client: Client,
  covers: Coverage,
  ask: (id: string) => Promise<StatusAnswer>,
): Promise<readonly CredentialSummary[]> {
  const runs = (await listKeeperRuns(client)).filter(({ id }) => covers(id));
  return eachAtOnce(runs, async (run) => summaryOf(run) ?? (await asked(run.id, ask)));
}

function summaryOf({
  id,
  execution,
  provider,
  status,
  expiresAtMs,
}: KeeperRun): CredentialSummary | undefined {
  if (provider === undefined || status === undefined) return undefined;
  const hasEnded = execution !== 'RUNNING';
  return {
    id,
    provider,
    // A terminated run could not say so itself.
    status: hasEnded && status !== 'failed' ? 'stopped' : status,
    ...(expiresAtMs === undefined ? {} : { expiresAtMs }),
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
