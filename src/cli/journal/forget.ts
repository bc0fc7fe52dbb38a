import { setTimeout as delay } from 'node:timers/promises';
import { WorkflowNotFoundError } from '@temporalio/client';
import { optionalTsToMs } from '@temporalio/common/lib/time.js';
import { keeperWorkflowId } from '../../contract/names.js';
import type { RefreshJournal } from '../../journal/port.js';
import { type DescribedKeeper, describeKeeper } from '../../keepers/described-keeper.js';
import { QUERY_RETRY_MS } from '../../keepers/numbers.js';
import { publishedAnswerIn } from '../../keepers/published-memo.js';
import { listRuns } from '../../keepers/runs.js';
import { isNotFound } from '../../keepers/temporal-error.js';
import { ATTEMPT_TIMEOUT_MS } from '../../policy/attempt-numbers.js';
import { withDeadline } from '../../temporal/connection.js';
import { agreedTo } from '../confirm.js';
import { CommandError } from '../errors.js';
import { FORGET_DEADLINE_MS } from '../numbers.js';
import { print, report } from '../output.js';
import type { CliSession } from '../session.js';
import { spanText } from '../time-text.js';
import { withKeepersJournal } from './keepers-journal.js';

export interface ForgetOptions {
  readonly yes?: boolean;
  readonly terminate?: boolean;
  /** Id of the workers' journal, as the operator says. */
  readonly journal?: string;
}

/** Removes the runs of a credential and its entry in the journal that the keepers use. */
export async function forget(
  session: CliSession,
  id: string,
  { yes: isAgreed = false, terminate: mayTerminate = false, journal: said }: ForgetOptions,
): Promise<void> {
  const newest = await newestRun(session, id);
  if (newest?.execution === 'RUNNING' && !mayTerminate) {
    throw new CommandError(`${id} is being kept; stop it first with: evertoken stop ${id}`);
  }
  const { client } = session;
  const answer = await publishedAnswerIn(client, id, newest?.memo).catch(() => undefined);
  const isUnread = newest !== undefined && answer === undefined;
  const journals = new Set([answer?.journalId ?? said].filter((each) => each !== undefined));
  // If the keepers use another journal, the entry would stay there and meet whoever applies the credential again.
  const runs = await withKeepersJournal(session, journals, (journal) => {
    if (isUnread && said === undefined) throw new CommandError(unreadJournalText(id, journal.id));
    return forgetIn(session, id, { journal, newest, isAgreed });
  });
  print(`${id}: forgotten [runs=${runs}]`);
}

function unreadJournalText(id: string, here: string): string {
  return (
    `which journal ${id} uses cannot be read here, as after its key was lost; ` +
    `if the workers have the one that is here, say so with: --journal ${here}`
  );
}

/** Resolves with the number of deleted runs. */
async function forgetIn(
  session: CliSession,
  id: string,
  {
    journal,
    newest,
    isAgreed,
  }: {
    readonly journal: RefreshJournal;
    readonly newest: DescribedKeeper | undefined;
    readonly isAgreed: boolean;
  },
): Promise<number> {
  await agreedTo(`remove the newest token and refresh token of ${id} for good?`, {
    isAgreed,
    command: 'forget',
    otherwise: 'not confirmed; nothing was removed',
  });
  // The journal comes first. If that failed after the runs were deleted, nobody could find the keeper to forget it again.
  await journal.remove(id);
  const runs = await deleteRuns(session, id);
  const waitMs = attemptOverAtMs(newest) - Date.now();
  if (waitMs > 0) {
    report(`a request may be on the way; waiting ${spanText(waitMs)} for what it leaves`);
    await delay(waitMs);
    await journal.remove(id);
  }
  return runs;
}

/** When an attempt that a worker has begun is surely over and recorded. Nobody can call it back before. */
function attemptOverAtMs(run: DescribedKeeper | undefined): number {
  const started = (run?.description.pendingActivities ?? []).map(
    ({ lastStartedTime }) => optionalTsToMs(lastStartedTime) ?? 0,
  );
  return Math.max(0, ...started) + ATTEMPT_TIMEOUT_MS;
}

async function newestRun({ client }: CliSession, id: string): Promise<DescribedKeeper | undefined> {
  try {
    return await withDeadline(client.connection, () => describeKeeper(client, id));
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return undefined;
    throw error;
  }
}

/** Ends a running run and deletes all. Resolves with their number once Temporal knows none any more, which takes a while. */
async function deleteRuns(session: CliSession, id: string): Promise<number> {
  const { client } = session;
  const deleted = new Set<string>();
  for await (const { runId } of listRuns(client, `WorkflowId = '${keeperWorkflowId(id)}'`)) {
    await deleteRun(session, id, runId);
    deleted.add(runId);
  }
  const giveUpAtMs = Date.now() + FORGET_DEADLINE_MS;
  for (;;) {
    const newest = await newestRun(session, id);
    if (newest === undefined) return deleted.size;
    if (Date.now() > giveUpAtMs) {
      throw new CommandError(
        `${id}: Temporal has not deleted all yet [run=${newest.runId}]; run it again`,
      );
    }
    // Every round deletes again: the list may not show the newest run yet, and a deletion soon after a run's end may be dropped.
    await deleteRun(session, id, newest.runId);
    deleted.add(newest.runId);
    await delay(QUERY_RETRY_MS);
  }
}

async function deleteRun({ client }: CliSession, id: string, runId: string): Promise<void> {
  const workflowExecution = { workflowId: keeperWorkflowId(id), runId };
  const { namespace } = client.options;
  try {
    await withDeadline(client.connection, () =>
      client.workflowService.deleteWorkflowExecution({ namespace, workflowExecution }),
    );
  } catch (error) {
    if (!isNotFound(error)) throw error;
  }
}
