import type { Client } from '@temporalio/client';
import { TokenError } from '../../client/token-error.js';
import type { KeeperAdministration } from '../../keepers/administration.js';
import { mapConcurrently } from '../../keepers/map-concurrently.js';
import { namespaceRetentionMs } from '../../keepers/namespace-retention.js';
import { listKeeperRuns } from '../../keepers/runs.js';
import { confirmed, terminalOf } from '../confirm.js';
import { CommandError, UsageError } from '../errors.js';
import { EXIT_CODES } from '../exit-codes.js';
import { report } from '../output.js';
import { unnamedIds } from '../scoped-file.js';
import type { ScopedFile } from '../scoped-file.js';
import type { CliSession } from '../session.js';
import { spanText } from '../time-text.js';
import type { AppliedCredential } from './applied-credential.js';
import { failedResult } from './applied-credential.js';
import { Patience } from './patience.js';
import { inRandomOrder } from './random-order.js';

/** How far `--prune` may go. */
export interface PruneConsent {
  /** Nobody is asked. */
  readonly yes?: true;
  /** Nothing will be stopped. */
  readonly dryRun?: true;
}

/** What pruning needs of a session. */
interface PruneSession {
  readonly client: Client;
  readonly keepers: Pick<KeeperAdministration, 'stop'>;
}

/**
 * Throws a `UsageError` if pruning would be an accident: the file names nothing, or nobody is there to be asked. It does so
 * before anything is done, even if there is nothing to stop. So a script fails at its first run and not later.
 */
export function refuseRashPrune(file: ScopedFile, { yes, dryRun }: PruneConsent): void {
  if (file.credentials.length === 0) {
    throw new UsageError(`a file without credentials prunes nothing [file=${file.path}]`);
  }
  if (yes === undefined && dryRun === undefined && terminalOf(process) === undefined) {
    throw new UsageError(
      '--prune cannot ask without a terminal; look with --dry-run, agree with --yes',
    );
  }
}

/** Ids of the keepers that `--prune` would stop now. */
export async function prunable(
  { client }: CliSession,
  file: ScopedFile,
): Promise<readonly string[]> {
  return unnamedIds(await listKeeperRuns(client), file);
}

/** Says which keepers will be stopped, and asks for consent. Throws a `CommandError` without it. */
export async function agreeToPrune(
  ids: readonly string[],
  file: ScopedFile,
  { yes }: PruneConsent,
): Promise<void> {
  if (ids.length === 0) return;
  report(`running, but not named in ${file.path}:`);
  for (const id of ids) report(`  ${id}`);
  const terminal = terminalOf(process);
  if (yes !== undefined || terminal === undefined) return;
  if (!(await confirmed(`apply the file, then stop ${keepersText(ids.length)}?`, terminal))) {
    throw new CommandError('not confirmed; nothing was applied or stopped');
  }
}

/**
 * Stops keepers cleanly, a few at once. `onResult` gets each as it comes. Once none could be stopped for a minute, the rest is
 * left alone: to ask for each of thousands would take hours.
 */
export async function prune(
  { client, keepers: administration }: PruneSession,
  ids: readonly string[],
  onResult: (result: AppliedCredential) => void,
): Promise<readonly AppliedCredential[]> {
  const patience = new Patience();
  const stopped = async (id: string): Promise<AppliedCredential> => {
    if (patience.isOver()) {
      const why = 'not stopped: no other could be for a minute; prune again';
      return failedResult(id, new TokenError('UNAVAILABLE', id, why));
    }
    try {
      const outcome = await administration.stop(id);
      patience.renew();
      return { id, outcome, exitCode: EXIT_CODES.done };
    } catch (error) {
      return failedResult(id, error);
    }
  };
  const results = new Map<string, AppliedCredential>();
  await mapConcurrently(inRandomOrder(ids), async (id) => {
    const result = await stopped(id);
    onResult(result);
    results.set(id, result);
  });
  if (ids.length > 0) {
    // A remark only: whoever may stop keepers may not be allowed to ask.
    const forHowLong = await namespaceRetentionMs(client).then(
      (retentionMs) => spanText(retentionMs),
      () => 'the retention of the namespace',
    );
    report(
      `what was stopped keeps its last state for ${forHowLong}; to go on with one, put it back into the file and apply`,
    );
  }
  return ids.flatMap((id) => results.get(id) ?? []);
}

/** A number of keepers, in words for people. */
export function keepersText(count: number): string {
  return `${count} keeper${count === 1 ? '' : 's'}`;
}
