import { setTimeout as delay } from 'node:timers/promises';
import type { Client } from '@temporalio/client';
import { optionalTsToMs } from '@temporalio/common/lib/time.js';
import { TokenError } from '../../client/token-error.js';
import type { RefreshActivities } from '../../contract/refresh-activity.js';
import type { RefreshJournal } from '../../journal/port.js';
import type { DescribedKeeper } from '../../keepers/described-keeper.js';
import { publishedAnswerIn } from '../../keepers/published-memo.js';
import { listKeeperRuns } from '../../keepers/runs.js';
import { ATTEMPT_TIMEOUT_MS, REVOKE_TIMEOUT_MS } from '../../policy/attempt-numbers.js';
import { OPERATOR_CLOCK_TOLERANCE_MS } from '../../policy/keeper-numbers.js';
import { agreedTo } from '../confirm.js';
import { CommandError } from '../errors.js';
import { print, report } from '../output.js';
import type { CliSession } from '../session.js';
import { spanText } from '../time-text.js';
import {
  deleteRuns,
  firstRunOf,
  listedRuns,
  newestRun,
  refuseRunning,
  terminate,
} from './delete-runs.js';
import { journalsOf, withKeepersJournal } from './keepers-journal.js';

const REVOCATION = 'revokeToken' satisfies keyof RefreshActivities;

export interface ForgetOptions {
  readonly yes?: boolean;
  readonly terminate?: boolean;
  /** Id of the workers' journal, as the operator says. */
  readonly journal?: string;
}

/**
 * Removes the runs of a credential and its entry in the journal that the keepers use.
 * @param agree resolves once somebody has agreed
 */
export async function forget(
  session: CliSession,
  id: string,
  { yes: isAgreed = false, terminate: mayTerminate = false, journal: said }: ForgetOptions,
  agree = agreedTo,
): Promise<void> {
  const { client } = session;
  const newest = await newestRun(client, id);
  const isRunning = newest?.execution === 'RUNNING';
  if (isRunning && !mayTerminate) {
    throw new CommandError(`${id} is being kept; stop it first with: evertoken stop ${id}`);
  }
  const answer = await publishedAnswerIn(client, id, newest?.memo).catch(() => undefined);
  const isUnread = newest !== undefined && answer === undefined;
  const known = answer?.journalId;
  if (said !== undefined && known !== undefined && said !== known) {
    throw new CommandError(`${id} uses journal ${known} and not ${said}; nothing was removed`);
  }
  const journals = await journalsToExpect(client, newest, known ?? said);
  // If the keepers use another journal, the entry would stay there and meet whoever applies the credential again.
  await withKeepersJournal(session, journals, async (journal) => {
    if (isUnread && said === undefined) throw new CommandError(unreadJournalText(id, journal.id));
    await agree(`remove the newest token and refresh token of ${id} for good?`, {
      isAgreed,
      command: 'forget',
      otherwise: 'not confirmed; nothing was removed',
    });
    await forgetIn(client, id, journal, isRunning ? firstRunOf(newest) : undefined);
  });
}

/** If no keeper is left to say which journal it used, it was that of the others. */
async function journalsToExpect(
  client: Client,
  newest: DescribedKeeper | undefined,
  known: string | undefined,
): Promise<ReadonlySet<string>> {
  if (known !== undefined) return new Set([known]);
  return newest === undefined ? journalsOf(client, await listKeeperRuns(client)) : new Set();
}

function unreadJournalText(id: string, here: string): string {
  return (
    `which journal ${id} uses cannot be read here, as after its key was lost; ` +
    `if the workers have the one that is here, say so with: --journal ${here}`
  );
}

/** @param agreed first run of the keeper that may be ended. One that was started since must not be. */
async function forgetIn(
  client: Client,
  id: string,
  journal: RefreshJournal,
  agreed: string | undefined,
): Promise<void> {
  const waitMs = await endedWaitMs(client, id, agreed);
  if (waitMs > 0) {
    report(`a request may be on the way; waiting ${spanText(waitMs)} for what it leaves`);
    await delay(waitMs);
  }
  // Listed before the last look: if no keeper runs then, all of these have ended.
  const ended = await listedRuns(client, id);
  refuseRunning(id, await newestRun(client, id));
  // The journal comes first. If that failed after the runs were deleted, nobody could find the keeper to forget it again.
  const hadEntry = await journal.remove(id);
  const runs = await deleteRuns(client, id, ended);
  if (runs === 0 && !hadEntry) {
    const reason = `nothing to forget: neither Temporal nor refresh journal ${journal.id} knows it`;
    throw new TokenError('NOT_FOUND', id, reason);
  }
  print(`${id}: forgotten [runs=${runs}, journal=${journal.id}]`);
}

/** Ends the keeper that may be ended. Resolves with how long an attempt of it may still be at work, in milliseconds. */
async function endedWaitMs(
  client: Client,
  id: string,
  agreed: string | undefined,
): Promise<number> {
  const newest = await newestRun(client, id);
  if (newest?.execution !== 'RUNNING' || firstRunOf(newest) !== agreed) {
    refuseRunning(id, newest);
    return newest === undefined || isLongOver(newest, Date.now()) ? 0 : attemptWaitMs(newest);
  }
  await terminate(client, id, agreed);
  // An attempt may have begun until that moment. The server names it also of a run that has ended.
  const ended = await newestRun(client, id);
  refuseRunning(id, ended);
  return ended === undefined ? 0 : attemptWaitMs(ended);
}

/** Whether a run ended so long ago that no clock of an operator makes an attempt of it outlive that. */
export function isLongOver(
  { endedAtMs }: Pick<DescribedKeeper, 'endedAtMs'>,
  nowMs: number,
): boolean {
  return (
    endedAtMs !== undefined && nowMs - endedAtMs > OPERATOR_CLOCK_TOLERANCE_MS + REVOKE_TIMEOUT_MS
  );
}

/**
 * Milliseconds from the end of a run until an attempt that a worker has begun is surely over and recorded; nobody can call it
 * back before. All of it is by the server's times, since the clock here may be wrong.
 */
export function attemptWaitMs({
  endedAtMs,
  description,
}: Pick<DescribedKeeper, 'endedAtMs' | 'description'>): number {
  const waits = (description.pendingActivities ?? []).map(({ activityType, lastStartedTime }) => {
    const startedAtMs = optionalTsToMs(lastStartedTime);
    if (startedAtMs === undefined) return 0;
    const timeoutMs = activityType?.name === REVOCATION ? REVOKE_TIMEOUT_MS : ATTEMPT_TIMEOUT_MS;
    return timeoutMs - ((endedAtMs ?? startedAtMs) - startedAtMs);
  });
  return Math.max(0, ...waits);
}
