import { TokenError } from '../../client/token-error.js';
import { defined } from '../../contract/defined.js';
import { someOf } from '../../contract/some-of.js';
import { inspectKeeper } from '../../keepers/inspection.js';
import type { KeeperInspection } from '../../keepers/inspection.js';
import { mapConcurrently } from '../../keepers/map-concurrently.js';
import type { KeeperRun } from '../../keepers/runs.js';
import { LEAD_MIN_MS } from '../../policy/attempt-numbers.js';
import { IDS_IN_A_SENTENCE } from '../numbers.js';
import { isRunning, unnamedIds } from '../scoped-file.js';
import type { ScopedFile } from '../scoped-file.js';
import type { CliSession } from '../session.js';
import type { Finding } from './finding.js';
import { keeperTrouble } from './keeper-trouble.js';
import { applying } from './repair.js';
import { PolledQueues } from './polled-queues.js';
import { overdue, runningTrouble, waitedQueue } from './running-trouble.js';
import { suspects } from './suspects.js';
import type { Suspect } from './suspects.js';
import type { Trouble } from './trouble.js';

/** What the examination of credentials starts from. */
export interface KnownCredentials {
  /** Every keeper's newest run. */
  readonly runs: readonly KeeperRun[];
  /** Absent if no file was given. */
  readonly file?: ScopedFile;
  /** Whether a worker is there to answer questions. */
  readonly isServed: boolean;
}

/** What is wrong with credentials: one finding for each that has trouble. If none has, one finding says so. */
export async function credentialFindings(
  session: CliSession,
  known: KnownCredentials,
): Promise<readonly Finding[]> {
  const { runs, file } = known;
  const queues = new PolledQueues(session.client);
  const looked = await mapConcurrently(suspects(runs, file, Date.now()), (suspect) =>
    look(session, suspect, known, queues),
  );
  const troubles = looked.flatMap((finding) => finding ?? []);
  // Of what has ended, a file is asked which is still meant to be kept.
  const meant = file === undefined ? runs : [...runs.filter(isRunning), ...file.credentials];
  const count = new Set(meant.map(({ id }) => id)).size;
  const well = { level: 'ok', check: 'credentials', text: `${count}, none in trouble` } as const;
  return [...(troubles.length === 0 ? [well] : troubles), ...unnamedFinding(runs, file)];
}

async function look(
  session: CliSession,
  suspect: Suspect,
  known: KnownCredentials,
  queues: PolledQueues,
): Promise<Finding | undefined> {
  const { id } = suspect;
  const trouble = await troubleOf(session, suspect, known, queues).catch((error: unknown) => {
    if (!(error instanceof TokenError)) throw error;
    const text = `${id} cannot be looked at: ${error.message}`;
    return { level: 'fail', problem: 'no-answer', text } satisfies Trouble;
  });
  return trouble === undefined ? undefined : { check: 'credentials', subject: id, ...trouble };
}

async function troubleOf(
  { client, tokens }: CliSession,
  { id, isNamed }: Suspect,
  { file, isServed }: Pick<KnownCredentials, 'file' | 'isServed'>,
  queues: PolledQueues,
): Promise<Trouble | undefined> {
  const declared = { isNamed, ...defined({ file: file?.path }) };
  const found = await inspectKeeper(client, id);
  const queue = found && waitedQueue(found);
  const isQueueServed = queue === undefined ? undefined : await queues.isPolled(queue);
  const keeper = found && { ...found, ...defined({ isQueueServed }) };
  const trouble = keeperTrouble(id, keeper, declared, Date.now());
  if (trouble !== undefined || keeper === undefined) return trouble;
  if (!isServed || !hasMoreToSay(keeper, Date.now())) return undefined;
  const answer = await tokens.status(id);
  // Where nothing published can be read, only the answer says when its token expires.
  return (
    runningTrouble(id, { ...keeper, ...answer }, declared, Date.now()) ??
    overdue(answer, Date.now())
  );
}

/** Whether only the keeper knows if its refresh is overdue: no refresh is under way, and the token expires soon. */
function hasMoreToSay(
  { endedAtMs, task, refresh, expiresAtMs }: KeeperInspection,
  nowMs: number,
): boolean {
  if (endedAtMs !== undefined || task !== undefined || refresh !== undefined) return false;
  return expiresAtMs === undefined || expiresAtMs - nowMs < LEAD_MIN_MS;
}

/** A warning only: others may share the namespace. */
function unnamedFinding(
  runs: readonly KeeperRun[],
  file: ScopedFile | undefined,
): readonly Finding[] {
  const ids = file === undefined ? [] : unnamedIds(runs, file);
  if (file === undefined || ids.length === 0) return [];
  const scope = file.scope === undefined ? '' : ` --scope ${file.scope}`;
  const trouble: Trouble = {
    level: 'warn',
    problem: 'not-in-file',
    text: `${ids.length} running that ${file.path} does not name: ${someOf(ids, IDS_IN_A_SENTENCE)}`,
    repair: `${applying(file.path)} --prune${scope} --dry-run`,
  };
  return [{ check: 'credentials', ...trouble }];
}
