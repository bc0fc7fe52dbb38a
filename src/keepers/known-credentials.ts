import { type Client, WorkflowNotFoundError } from '@temporalio/client';
import type { CredentialSpec } from '../contract/credential.js';
import { defined } from '../contract/defined.js';
import type { StatusAnswer } from '../contract/messages.js';
import type { PublishedAnswer } from '../contract/published-answer.js';
import { isApplied, statusAnswerOf } from '../policy/published-answer.js';
import { loginKey, sharedLoginMessage } from '../policy/shared-login.js';
import { isStillValid } from '../policy/validity.js';
import { withDeadline } from '../temporal/connection.js';
import { describeKeeper, type RunInfo } from './described-keeper.js';
import { mapConcurrently } from './map-concurrently.js';
import { LOOKED_AT_EACH_MAX } from './numbers.js';
import { publishedAnswerIn, publishedSettingsIn } from './published-memo.js';
import { type KeeperRun, listKeeperRuns } from './runs.js';
import { sharedLogins } from './shared-logins.js';
import { isPolled, keeperQueueFacts } from './task-queue-facts.js';

/** `WorkflowExecutionStarted` and `WorkflowTaskScheduled`. */
const EVENTS_OF_A_START = 2;

/** What Temporal shows of a credential that is about to be applied. Absent if only its keeper can tell. */
export type KnownCredential =
  | { readonly is: 'new' }
  /** Its keeper is well, and applying would change nothing. */
  | { readonly is: 'unchanged'; readonly status: StatusAnswer }
  /** The keeper of another id spends what it would spend. */
  | { readonly is: 'refused'; readonly reason: string };

/** What is known of each credential, by its id. */
export type KnownById = ReadonlyMap<string, KnownCredential>;

/** A run of a keeper to look at, from a list or a description. */
interface ShownRun extends Pick<RunInfo, 'execution' | 'memo'> {
  /** The keeper was told something that no worker has taken yet, such as to stop. */
  readonly hasNews: boolean;
}

/**
 * Looks at keepers without asking them. It makes one call for each. If there are many and their workers keep up, it reads the
 * pages of one list instead, which lags by moments. Rejects with Temporal's errors.
 */
export async function knownCredentials(
  client: Client,
  specs: readonly CredentialSpec[],
  useSearchAttributes: boolean,
): Promise<KnownById> {
  const isListEnough = specs.length > LOOKED_AT_EACH_MAX && (await areTasksTaken(client));
  const runs = isListEnough ? await listKeeperRuns(client) : undefined;
  const runOf = runs === undefined ? described(client) : listed(runs);
  const looked = await mapConcurrently(specs, async (spec): Promise<Looked> => {
    const run = await runOf(spec.id);
    if (run === undefined) return { spec, known: { is: 'new' }, isNewLogin: true };
    // If the memo cannot be read here, the keeper will be asked.
    return look(client, spec, run, useSearchAttributes).catch(() => ({ spec, isNewLogin: false }));
  });
  const brought = looked.filter(({ isNewLogin }) => isNewLogin).map(({ spec }) => spec);
  const shared =
    brought.length === 0
      ? new Map<string, string>()
      : await sharedLogins(client, brought, runs ?? (await listKeeperRuns(client)));
  return new Map(
    looked.flatMap(({ spec, known }) => {
      const keptAs = shared.get(spec.id);
      const found: KnownCredential | undefined =
        keptAs === undefined ? known : { is: 'refused', reason: sharedLoginMessage(spec, keptAs) };
      return found === undefined ? [] : [[spec.id, found]];
    }),
  );
}

/** What was found of a credential. */
interface Looked {
  readonly spec: CredentialSpec;
  readonly known?: KnownCredential;
  /** Its keeper was not applied with this login last. */
  readonly isNewLogin: boolean;
}

type RunOf = (id: string) => Promise<ShownRun | undefined>;

function listed(all: readonly KeeperRun[]): RunOf {
  const runs = new Map(all.map((run) => [run.id, run]));
  return (id) => {
    const run = runs.get(id);
    return Promise.resolve(
      run && { execution: run.execution, memo: run.memo ?? {}, hasNews: false },
    );
  };
}

function described(client: Client): RunOf {
  return async (id) => {
    try {
      const { execution, memo, raw, description } = await withDeadline(client.connection, () =>
        describeKeeper(client, id),
      );
      const isTaskPending = Boolean(description.pendingWorkflowTask);
      return { execution, memo, hasNews: isTaskPending && !isBeforeFirstTask(raw) };
    } catch (error) {
      if (error instanceof WorkflowNotFoundError) return undefined;
      throw error;
    }
  };
}

/** Whether workers take the keepers' tasks as they come. A list does not show which keepers have one waiting. */
async function areTasksTaken(client: Client): Promise<boolean> {
  const facts = await withDeadline(client.connection, () => keeperQueueFacts(client));
  return facts.waiting === 0 && isPolled(facts);
}

/** Whether a run has only been started: what it does first is in its memo. */
function isBeforeFirstTask({ historyLength }: RunInfo['raw']): boolean {
  return Number(historyLength ?? 0) <= EVENTS_OF_A_START;
}

async function look(
  client: Client,
  spec: CredentialSpec,
  run: ShownRun,
  useSearchAttributes: boolean,
): Promise<Looked> {
  const settings = await publishedSettingsIn(client, spec.id, run.memo);
  if (settings === undefined) return { spec, isNewLogin: false };
  const isSame = isApplied(settings, spec, useSearchAttributes);
  const known = isSame ? await unchanged(client, spec, run) : undefined;
  return {
    spec,
    isNewLogin: !isSame && loginKey(settings) !== loginKey(spec),
    ...defined({ known }),
  };
}

async function unchanged(
  client: Client,
  spec: CredentialSpec,
  { execution, memo, hasNews }: ShownRun,
): Promise<KnownCredential | undefined> {
  if (execution !== 'RUNNING' || hasNews) return undefined;
  const answer = await publishedAnswerIn(client, spec.id, memo);
  // A keeper in trouble is asked in any case: for one that was reset, the application counts.
  const isWell =
    answer?.status === 'fresh' && answer.lastFailure === undefined && answer.isEnding !== true;
  return isWell && isKept(answer, Date.now())
    ? { is: 'unchanged', status: statusAnswerOf(answer, false) }
    : undefined;
}

/**
 * Whether the published answer shows a keeper at work. A keeper that should have refreshed by now may have no worker, or be a
 * run to which somebody gave the memo of another. A wrong clock here costs only a call.
 */
function isKept({ token, nextRefreshAtMs }: PublishedAnswer, nowMs: number): boolean {
  return isStillValid(token, nowMs) && nextRefreshAtMs !== undefined && nextRefreshAtMs > nowMs;
}
