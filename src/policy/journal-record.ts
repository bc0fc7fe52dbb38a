import type {
  Intent,
  JournalEntry,
  OpenEntry,
  Setback,
  Unconfirmed,
} from '../contract/journal-entry.js';
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

/** Whether the intent that an attempt recorded is still the open one. */
export function hasOpenIntent(
  owner: Owner,
  held: JournalEntry | undefined,
  { fingerprint, atMs, deadlineAtMs }: Intent,
): held is JournalEntry {
  return (
    held?.keeperId === owner.keeperId &&
    held.epoch === owner.epoch &&
    held.intent?.fingerprint === fingerprint &&
    held.intent.atMs === atMs &&
    held.intent.deadlineAtMs === deadlineAtMs
  );
}

/** The entry once a later attempt has found its intent open; `undefined` where that is recorded already. */
export function withFoundIntent(
  found: OpenEntry,
  held: JournalEntry | undefined,
  nowMs: number,
): JournalEntry | undefined {
  if (found.intent.foundAtMs !== undefined) return undefined;
  if (!hasOpenIntent(found, held, found.intent)) return undefined;
  return { ...held, intent: { ...found.intent, foundAtMs: nowMs } };
}

/** The entry as it was before an intent whose request never went out; `undefined` where that intent is gone. */
export function withoutIntent(
  owner: Owner,
  held: JournalEntry | undefined,
  intent: Intent,
  before: JournalEntry | undefined,
): JournalEntry | undefined {
  if (!hasOpenIntent(owner, held, intent)) return undefined;
  return before ?? { keeperId: owner.keeperId, epoch: owner.epoch };
}

/**
 * The entry after a token: nothing of the past matters any more. `undefined` where the answer comes too late: the
 * credential was created anew, or is of a later epoch or generation by now.
 */
export function withAnswer(
  owner: Owner,
  held: JournalEntry | undefined,
  answer: RefreshResult,
): JournalEntry | undefined {
  if (held !== undefined && isPast(owner, held, answer.generation)) return undefined;
  return { keeperId: owner.keeperId, epoch: owner.epoch, answer };
}

/** What an attempt without a token leaves behind. */
export interface Aftermath {
  readonly doubtSinceMs?: number;
  readonly setback?: Setback;
  readonly unconfirmed?: Unconfirmed;
}

/**
 * The entry after an attempt without a token: its request is over, what it left in doubt stays. `undefined` where its
 * intent is gone: another attempt came after it, and that one's record counts.
 */
export function withAftermath(
  owner: Owner,
  held: JournalEntry | undefined,
  intent: Intent,
  aftermath: Aftermath,
): JournalEntry | undefined {
  if (!hasOpenIntent(owner, held, intent)) return undefined;
  const { setback, unconfirmed } = aftermath;
  return {
    keeperId: owner.keeperId,
    epoch: owner.epoch,
    ...(held.answer === undefined ? {} : { answer: held.answer }),
    ...doubt(intent.fingerprint, aftermath.doubtSinceMs),
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

function isPast(owner: Owner, held: JournalEntry, generation: number): boolean {
  if (held.keeperId !== owner.keeperId || held.epoch > owner.epoch) return true;
  return held.epoch === owner.epoch && (held.answer?.generation ?? 0) > generation;
}

function doubt(fingerprint: string, sinceMs: number | undefined): Pick<JournalEntry, 'doubt'> {
  return sinceMs === undefined ? {} : { doubt: { fingerprint, sinceMs } };
}
