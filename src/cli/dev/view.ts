import type { StatusAnswer } from '../../contract/messages.js';
import { table } from '../output.js';
import { relativeText } from '../time-text.js';

/** What the live view shows of one credential. */
export interface DevRow {
  readonly id: string;
  readonly provider: string;
  /** Refreshes since the environment started. */
  readonly refreshes: number;
  /** Absent while the keeper does not answer. */
  readonly answer?: StatusAnswer;
}

/** The live table: one line for each credential. */
export function devTable(rows: readonly DevRow[], nowMs: number): string {
  return table(
    ['CREDENTIAL', 'PROVIDER', 'STATUS', 'GENERATION', 'EXPIRES', 'REFRESHES', 'LAST RESULT'],
    rows.map(({ id, provider, refreshes, answer }) => [
      id,
      provider,
      answer?.status ?? 'no answer',
      String(answer?.generation ?? ''),
      answer?.expiresAtMs === undefined ? '' : relativeText(answer.expiresAtMs, nowMs),
      String(refreshes),
      lastResult(refreshes, answer, nowMs),
    ]),
  );
}

/** Lines for logs, one for each credential whose generation or status has changed. */
export function devChanges(before: readonly DevRow[], after: readonly DevRow[]): readonly string[] {
  return after
    .filter((row) => changeKey(row) !== changeKey(before.find(({ id }) => id === row.id)))
    .map(({ id, answer, refreshes }) => {
      const state = answer === undefined ? 'no answer' : answer.status;
      return `${id}: ${state}, generation ${answer?.generation ?? '?'}, refreshes ${refreshes}`;
    });
}

function lastResult(refreshes: number, answer: StatusAnswer | undefined, nowMs: number): string {
  if (answer?.lastFailure !== undefined) {
    return `${answer.lastFailure.code} ${relativeText(answer.lastFailure.atMs, nowMs)}`;
  }
  if (answer?.refreshing === true) return 'refreshing';
  if (refreshes === 0 || answer?.issuedAtMs === undefined) return '';
  return `refreshed ${relativeText(answer.issuedAtMs, nowMs)}`;
}

function changeKey(row: DevRow | undefined): string {
  return `${row?.answer?.status ?? ''} ${row?.answer?.generation ?? ''}`;
}
