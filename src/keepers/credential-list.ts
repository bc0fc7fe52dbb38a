import type { Client } from '@temporalio/client';
import type { CredentialSummary } from '../client/keeper-port.js';
import { defined } from '../contract/defined.js';
import type { KeeperStatus } from '../contract/keeper.js';
import type { StatusAnswer } from '../contract/messages.js';
import type { Coverage } from './coverage.js';
import { mapConcurrently } from './map-concurrently.js';
import { publishedAnswerIn } from './published-memo.js';
import { listKeeperRuns } from './runs.js';
import type { KeeperRun } from './runs.js';

interface Shown {
  readonly provider: string;
  readonly status: KeeperStatus;
  readonly expiresAtMs: number | undefined;
}

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
    async (run) =>
      (await published(client, run)) ?? shownByAttributes(run) ?? (await asked(run.id, ask)),
  );
}

/** What the keeper has published about itself. If that cannot be read here, its search attributes still can. */
async function published(client: Client, run: KeeperRun): Promise<CredentialSummary | undefined> {
  const answer = await publishedAnswerIn(client, run.id, run.memo).catch(() => undefined);
  if (answer === undefined) return undefined;
  const { provider, status, token } = answer;
  return summaryOf(run, { provider, status, expiresAtMs: token?.expiresAtMs });
}

function shownByAttributes(run: KeeperRun): CredentialSummary | undefined {
  const { provider, status, expiresAtMs } = run;
  if (provider === undefined || status === undefined) return undefined;
  return summaryOf(run, { provider, status, expiresAtMs });
}

function summaryOf(
  { id, execution }: KeeperRun,
  { provider, status, expiresAtMs }: Shown,
): CredentialSummary {
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
