import type { CredentialStatus } from '../../client/keeper-port.js';
import type { FailureType } from '../../contract/failures.js';
import { KEEPER_TASK_QUEUE } from '../../contract/names.js';
import type { KeeperInspection, PendingTask } from '../../keepers/inspection.js';
import { servedByText } from '../../keepers/task-queue-facts.js';
import { operatorAdvice } from '../../policy/operator-action.js';
import { relativeText, spanText } from '../time-text.js';
import {
  OVERDUE_TOLERATED_MS,
  REFRESH_ATTEMPTS_TOLERATED,
  TASK_FAILURES_TOLERATED,
  WORKER_WAIT_TOLERATED_MS,
} from './numbers.js';
import { factsOf, repairOf } from './repair.js';
import type { Declaration, Trouble } from './trouble.js';

/** Failures that no retry repairs. */
const NEED_A_HUMAN: readonly FailureType[] = [
  'JournalUnavailableError',
  'WorkerMisconfiguredError',
];

const BUSY_WORKERS = 'its workers are busy, or a rate limit holds them';
/** No rate limit holds a keeper's own task. */
const NONE_TAKES =
  'its workers are busy, or none of them has the current version (docs/upgrading.md)';

/** The cause of a task that fails since the history is not what the worker makes of it. */
const UNREPLAYABLE = 'NON_DETERMINISTIC_ERROR';
const RESTORED =
  '; after an older database of Temporal was restored, terminate it and apply its file (docs/disaster-recovery.md)';

/** A keeper, and whether workers ask for tasks of the queue in which its task or activity waits. */
export interface ExaminedKeeper extends KeeperInspection {
  readonly isQueueServed?: boolean;
}

/** What is wrong with a running keeper: the first trouble that is found. Causes are looked for before their effects. */
export function runningTrouble(
  id: string,
  keeper: ExaminedKeeper,
  declared: Declaration,
  nowMs: number,
): Trouble | undefined {
  return (
    failingTask(id, keeper.task) ??
    paused(id, keeper, nowMs) ??
    unservedFor(id, keeper, nowMs) ??
    rejectedClient(id, keeper, declared) ??
    expired(id, keeper, declared, nowMs) ??
    retrying(id, keeper, declared, nowMs)
  );
}

/** The keeper itself says that a refresh was due and has not begun. */
export function overdue(
  { id, refreshing, nextRefreshAtMs }: CredentialStatus,
  nowMs: number,
): Trouble | undefined {
  if (refreshing || nextRefreshAtMs === undefined) return undefined;
  if (nextRefreshAtMs + OVERDUE_TOLERATED_MS > nowMs) return undefined;
  return {
    level: 'fail',
    problem: 'overdue',
    text: `${id} should have been refreshed ${relativeText(nextRefreshAtMs, nowMs)}, and no refresh has begun`,
    repair: `evertoken refresh ${id}`,
  };
}

function failingTask(id: string, task: PendingTask | undefined): Trouble | undefined {
  if (task === undefined || task.attempt - 1 <= TASK_FAILURES_TOLERATED) return undefined;
  const cause = task.failedCause === undefined ? '' : `, cause=${task.failedCause}`;
  return {
    level: 'fail',
    problem: 'task-failing',
    text:
      `${id} cannot run: its workflow task fails [attempt=${task.attempt}${cause}], so nothing is refreshed; ` +
      `the worker’s log says why, and after a deploy roll the workers back (docs/upgrading.md)${task.failedCause === UNREPLAYABLE ? RESTORED : ''}`,
  };
}

/** Its last failure may say that it is tried again, which is so only once it goes on. */
function paused(id: string, keeper: ExaminedKeeper, nowMs: number): Trouble | undefined {
  if (keeper.refresh?.isPaused !== true) return undefined;
  return {
    level: 'fail',
    problem: 'paused',
    text: `${id} is not refreshed: its refresh is paused in Temporal${tokenText(keeper, nowMs)}; unpause it there, or begin another one`,
    repair: `evertoken refresh ${id}`,
  };
}

/** The task queue in which a keeper waits for a worker, if it waits in one. */
export function waitedQueue({ task, wait }: KeeperInspection): string | undefined {
  return task !== undefined && !task.isStarted ? KEEPER_TASK_QUEUE : wait?.taskQueue;
}

interface Wait {
  readonly queue: string;
  readonly forMs: number;
  readonly isServed: boolean;
}

function waitOf(keeper: ExaminedKeeper, nowMs: number): Wait | undefined {
  const { task, wait, isQueueServed: isServed = false } = keeper;
  const queue = waitedQueue(keeper);
  if (queue === undefined) return undefined;
  const sinceMs = queue === wait?.taskQueue ? wait.sinceMs : (task?.scheduledAtMs ?? nowMs);
  return { queue, forMs: nowMs - sinceMs, isServed };
}

function unservedFor(id: string, keeper: ExaminedKeeper, nowMs: number): Trouble | undefined {
  const wait = waitOf(keeper, nowMs);
  if (wait === undefined || wait.forMs < WORKER_WAIT_TOLERATED_MS) return undefined;
  if (wait.isServed) return behind(id, keeper, wait, nowMs);
  return {
    level: 'fail',
    problem: 'no-worker',
    text: `${id} waits for a worker on task queue ${wait.queue} for ${spanText(wait.forMs)}${tokenText(keeper, nowMs)}${servedByText(wait.queue)}`,
    repair: 'evertoken worker',
  };
}

/** What has expired is told as that. */
function behind(
  id: string,
  keeper: ExaminedKeeper,
  { queue, forMs }: Wait,
  nowMs: number,
): Trouble | undefined {
  const { expiresAtMs } = keeper;
  if (expiresAtMs !== undefined && expiresAtMs <= nowMs) return undefined;
  const isOwnTask = queue === KEEPER_TASK_QUEUE;
  return {
    level: isOwnTask ? 'fail' : 'warn',
    problem: 'waiting',
    text: `${id} waits on task queue ${queue} for ${spanText(forMs)}: ${isOwnTask ? NONE_TAKES : BUSY_WORKERS}${tokenText(keeper, nowMs)}`,
  };
}

function rejectedClient(
  id: string,
  { status }: KeeperInspection,
  { file }: Declaration,
): Trouble | undefined {
  if (status !== 'client-rejected') return undefined;
  const { action, ...repair } = repairOf(
    operatorAdvice({ type: 'ClientRejectedError', code: '' }, id),
    file,
  );
  return { level: 'fail', problem: status, text: `${id} is client-rejected: ${action}`, ...repair };
}

function expired(
  id: string,
  keeper: ExaminedKeeper,
  { file }: Declaration,
  nowMs: number,
): Trouble | undefined {
  const { expiresAtMs, refresh } = keeper;
  if (expiresAtMs === undefined || expiresAtMs > nowMs) return undefined;
  const begun = `${id} expired ${relativeText(expiresAtMs, nowMs)}`;
  const trouble = { level: 'fail', problem: 'expired' } as const;
  if (refresh?.lastFailure !== undefined) {
    const { action, ...repair } = repairOf(operatorAdvice(refresh.lastFailure, id), file);
    const facts = factsOf(refresh.lastFailure);
    return {
      ...trouble,
      text: `${begun}; attempt ${refresh.attempt} ${facts}: ${action}`,
      ...repair,
    };
  }
  const wait = waitOf(keeper, nowMs);
  if (wait?.isServed === true && wait.queue !== KEEPER_TASK_QUEUE) {
    return { ...trouble, text: `${begun}; it waits on task queue ${wait.queue}: ${BUSY_WORKERS}` };
  }
  return wait === undefined
    ? { ...trouble, text: begun, repair: `evertoken refresh ${id}` }
    : {
        ...trouble,
        text: `${begun}; no worker on task queue ${wait.queue} has taken its refresh${servedByText(wait.queue)}`,
        repair: 'evertoken worker',
      };
}

function retrying(
  id: string,
  keeper: ExaminedKeeper,
  { file }: Declaration,
  nowMs: number,
): Trouble | undefined {
  const { refresh } = keeper;
  if (refresh?.lastFailure === undefined) return undefined;
  const { lastFailure, attempt } = refresh;
  const isLasting = attempt > REFRESH_ATTEMPTS_TOLERATED || NEED_A_HUMAN.includes(lastFailure.type);
  const { action, ...repair } = repairOf(operatorAdvice(lastFailure, id), file);
  return {
    level: isLasting ? 'fail' : 'warn',
    problem: 'retrying',
    text: `${id} is retrying, attempt ${attempt} ${factsOf(lastFailure)}${tokenText(keeper, nowMs)}: ${action}`,
    ...repair,
  };
}

function tokenText({ expiresAtMs }: KeeperInspection, nowMs: number): string {
  if (expiresAtMs === undefined) return ', no token yet';
  const expires = expiresAtMs > nowMs ? 'expires' : 'expired';
  return `, token ${expires} ${relativeText(expiresAtMs, nowMs)}`;
}
