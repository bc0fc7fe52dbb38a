import type { Client } from '@temporalio/client';
import type { CredentialSummary } from '../client/keeper-port.js';
import { defined } from '../contract/defined.js';
import type { StatusAnswer } from '../contract/messages.js';
import type { Coverage } from './coverage.js';
import { mapConcurrently } from './map-concurrently.js';
import { asPublished, listKeeperRuns } from './runs.js';
import type { KeeperRun } from './runs.js';

/**
 * The newest run of every covered credential, from the visibility store. If neither the memo nor our search attributes say
 * anything about one, `ask` asks its keeper. Rejects with a `TokenError`.
 */
export async function listCredentials(
  client: Client,
  covers: Coverage,
  ask: (id: string) => Promise<StatusAnswer>,
): Promise<readonly CredentialSummary[]> {
  const runs = (await listKeeperRuns(client)).filter(({ id }) => covers(id));
  return mapConcurrently(
    runs,
    async (run) => summaryOf(await asPublished(client, run)) ?? (await asked(run.id, ask)),
  );
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
    // A terminated run had no chance to publish its end.
    status: hasEnded && status !== 'failed' ? 'stopped' : status,
    ...defined({ expiresAtMs }),
  };
}

async function asked(
  id: string,
  ask: (id: string) => Promise<StatusAnswer>,
): Promise<CredentialSummary> {
  try {
    const { provider, status, expiresAtMs } = await ask(id);
    return { id, provider, status, ...defined({ expiresAtMs }) };
  } catch {
    // Its existence is worth a line, even if no worker tells more.
    return { id };
  }
}
