import type { Intent, JournalEntry, Setback, Unconfirmed } from '../contract/journal-entry.js';
import type { RefreshRequest, RefreshResult } from '../contract/refresh-activity.js';
import { UNCONFIRMED_MAX, UNCONFIRMED_SPAN_MS } from './numbers.js';

type Owner = Pick<RefreshRequest, 'keeperId' | 'epoch'>;

/** The entry before a request: whatever is known stays, so that a crash loses nothing. */
export function withIntent(
  owner: Owner,
  entry: JournalEntry | undefined,
  intent: Intent,
  doubtSinceMs: number | undefined,
): JournalEntry {
  return {
    ...(entry ?? {}),
    keeperId: owner.keeperId,
    epoch: owner.epoch,
    intent,
    ...doubt(intent.fingerprint, doubtSinceMs),
  };
}

/** The entry after a token: nothing of the past matters any more. */
export function withAnswer(owner: Owner, answer: RefreshResult): JournalEntry {
  return { keeperId: owner.keeperId, epoch: owner.epoch, answer };
}

/** What an attempt without a token leaves behind. */
export interface Aftermath {
  readonly fingerprint: string;
  readonly doubtSinceMs?: number;
  readonly setback?: Setback;
  readonly unconfirmed?: Unconfirmed;
}

/** The entry after an attempt without a token: its request is over, what it left in doubt stays. */
export function withAftermath(
  owner: Owner,
  entry: JournalEntry | undefined,
  aftermath: Aftermath,
): JournalEntry {
  const { setback, unconfirmed } = aftermath;
  return {
    keeperId: owner.keeperId,
    epoch: owner.epoch,
    ...(entry?.answer === undefined ? {} : { answer: entry.answer }),
    ...doubt(aftermath.fingerprint, aftermath.doubtSinceMs),
    ...(setback === undefined ? {} : { setback }),
    ...(unconfirmed === undefined ? {} : { unconfirmed }),
  };
}

/** Counts one more unconfirmed answer in a row. */
export function oneMoreUnconfirmed(before: Unconfirmed | undefined, nowMs: number): Unconfirmed {
  return { count: (before?.count ?? 0) + 1, firstAtMs: before?.firstAtMs ?? nowMs };
}

/** Whether so many unconfirmed answers over so long are to be believed. */
export function isConfirmed(unconfirmed: Unconfirmed, nowMs: number): boolean {
  return (
    unconfirmed.count >= UNCONFIRMED_MAX && nowMs - unconfirmed.firstAtMs >= UNCONFIRMED_SPAN_MS
  );
}

function doubt(fingerprint: string, sinceMs: number | undefined): Pick<JournalEntry, 'doubt'> {
  return sinceMs === undefined ? {} : { doubt: { fingerprint, sinceMs } };
}
