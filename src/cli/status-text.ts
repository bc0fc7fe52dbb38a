import type { CredentialStatus } from '../client/keeper-port.js';
import { dateText } from '../policy/date-text.js';
import { relativeText, spanText } from './time-text.js';

/** A status for programs, with times as RFC 3339. */
export function statusJson(answer: CredentialStatus): object {
  const {
    issuedAtMs,
    expiresAtMs,
    materialExpiresAtMs,
    nextRefreshAtMs,
    nextAttemptAtMs,
    lastFailure,
    waitsForWorker,
    ...rest
  } = answer;
  const failure = lastFailure === undefined ? undefined : failureJson(lastFailure);
  return {
    ...rest,
    issuedAt: optionalTime(issuedAtMs),
    expiresAt: optionalTime(expiresAtMs),
    materialExpiresAt: optionalTime(materialExpiresAtMs),
    nextRefreshAt: optionalTime(nextRefreshAtMs),
    nextAttemptAt: optionalTime(nextAttemptAtMs),
    waitsForWorker: waitsForWorker && {
      taskQueue: waitsForWorker.taskQueue,
      since: dateText(waitsForWorker.sinceMs),
    },
    lastFailure: failure,
  };
}

function failureJson({
  atMs,
  doubtSinceMs,
  clientRejectedAtMs,
  replacedAtMs,
  ...rest
}: NonNullable<CredentialStatus['lastFailure']>): object {
  return {
    ...rest,
    at: dateText(atMs),
    doubtSince: optionalTime(doubtSinceMs),
    clientRejectedAt: optionalTime(clientRejectedAtMs),
    replacedAt: optionalTime(replacedAtMs),
  };
}

function optionalTime(atMs: number | undefined): string | undefined {
  return atMs === undefined ? undefined : dateText(atMs);
}

const UNPAUSE = 'unpause the refresh in Temporal, or begin another one with';

/** A status for people, with one line for each fact. */
export function statusLines(answer: CredentialStatus, nowMs: number): string[] {
  const { id, lastFailure, waitsForWorker, journalId, isPaused = false } = answer;
  const lines: [string, string][] = [
    ['credential', id],
    ['provider', answer.provider],
    ['status', answer.status],
    ['generation', `${answer.generation} (epoch ${answer.epoch})`],
    ['token expires', shownTime(answer.expiresAtMs, nowMs) ?? 'no token yet'],
    ['next refresh', nextRefresh(answer, nowMs)],
  ];
  if (journalId !== undefined) lines.push(['journal', journalId]);
  if (waitsForWorker !== undefined) {
    const { taskQueue, sinceMs } = waitsForWorker;
    const span = spanText(nowMs - sinceMs);
    lines.push(['waits', `${span} on task queue ${taskQueue}`]);
  }
  const materialEnds = shownTime(answer.materialExpiresAtMs, nowMs);
  if (answer.isLifetimeDoubted === true) {
    lines.push([
      'lifetime',
      'the provider’s is not believed; say what is right as refresh.maxLifetime',
    ]);
  }
  if (materialEnds !== undefined) lines.push(['material ends', materialEnds]);
  if (lastFailure !== undefined) {
    const { code, httpStatus, atMs } = lastFailure;
    const status = httpStatus === undefined ? '' : `, HTTP ${httpStatus}`;
    lines.push(['last failure', `${code}${status}, ${relativeText(atMs, nowMs)}`]);
  }
  const toDo = isPaused ? `${UNPAUSE}: evertoken refresh ${id}` : lastFailure?.action;
  if (toDo !== undefined) lines.push(['what to do', toDo]);
  return lines.map(([name, value]) => `${`${name}:`.padEnd(15)}${value}`);
}

function nextRefresh(answer: CredentialStatus, nowMs: number): string {
  const { attempt, nextAttemptAtMs } = answer;
  if (answer.refreshing) {
    const nth = attempt === undefined ? '' : `, attempt ${attempt}`;
    if (answer.isPaused === true) return `paused in Temporal${nth}`;
    return `under way${nth}${nextAttemptAtMs === undefined ? '' : ` ${relativeText(nextAttemptAtMs, nowMs)}`}`;
  }
  return shownTime(answer.nextRefreshAtMs, nowMs) ?? 'none, the keeper has ended';
}

function shownTime(atMs: number | undefined, nowMs: number): string | undefined {
  return atMs === undefined ? undefined : `${relativeText(atMs, nowMs)} (${dateText(atMs)})`;
}
