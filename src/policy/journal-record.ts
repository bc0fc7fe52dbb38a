import type {
  Intent,
  JournalEntry,
  KeptLogin,
  OpenEntry,
  Setback,
  Unconfirmed,
} from '../contract/journal-entry.js';
import type { Lineage, RefreshRequest, RefreshResult } from '../contract/refresh-activity.js';
import { earlierLogins, loginOf, relationTo, withoutAnswers } from './lineage.js';
import { UNCONFIRMED_MAX, UNCONFIRMED_SPAN_MS } from './numbers.js';

type Owner = Pick<
  RefreshRequest,
  'credentialId' | 'provider' | 'lineage' | 'epoch' | 'application' | 'earlierLogins' | 'returns'
>;

/**
 * The entry as an attempt of that owner goes on with it: its own, or a new one in which the login before is kept with
 * its newest answer.
 */
export function ownedEntry(
  owner: Owner,
  entry: JournalEntry | undefined,
  nowMs: number,
): JournalEntry {
  const { credentialId, provider, lineage } = owner;
  const application = Math.max(owner.application, entry?.application ?? 0);
  if (entry !== undefined && relationTo(entry, owner) === 'same') {
    return {
      ...entry,
      provider,
      application,
      epoch: Math.max(owner.epoch, entry.epoch),
      earlierLogins: earlierLogins<KeptLogin>(lineage, entry.earlierLogins, owner.earlierLogins),
    };
  }
  const before =
    entry === undefined ? [] : [keptLogin(owner, entry, nowMs), ...entry.earlierLogins];
  return {
    credentialId,
    provider,
    lineage,
    application,
    epoch: Math.max(owner.epoch, (entry?.epoch ?? 0) + 1),
    earlierLogins: earlierLogins<KeptLogin>(lineage, before, owner.earlierLogins),
  };
}

/** The login that an entry is of, once another one takes its place. */
function keptLogin(owner: Owner, { lineage, answer }: JournalEntry, nowMs: number): KeptLogin {
  const replacedAtMs = loginOf(owner.earlierLogins, lineage)?.replacedAtMs ?? nowMs;
  return { lineage, replacedAtMs, ...(answer === undefined ? {} : { answer }) };
}

/** The entry of a login to which an operator returns, with the newest answer that was kept of it. */
export function withReturnedLogin(
  owner: Owner & Pick<RefreshRequest, 'generation'>,
  entry: JournalEntry,
  kept: RefreshResult,
  nowMs: number,
): JournalEntry & Required<Pick<JournalEntry, 'answer'>> {
  const owned = ownedEntry(owner, entry, nowMs);
  const generation = Math.max(kept.generation, owner.generation + 1);
  return { ...owned, answer: { ...kept, ...lineageIn(owned), generation } };
}

/** What a result says of its login. */
export function lineageIn({ lineage, epoch, earlierLogins: before }: JournalEntry): Lineage {
  return { lineage, epoch, earlierLogins: withoutAnswers(before) };
}

/** The entry before a request: whatever is known stays, so that a crash loses nothing. */
export function withIntent(
  owned: JournalEntry,
  intent: Intent,
  doubtSinceMs: number | undefined,
): JournalEntry {
  return { ...owned, intent, ...doubt(intent.fingerprint, doubtSinceMs) };
}

/** Whether the intent that an attempt recorded is still the open one. */
export function hasOpenIntent(
  held: JournalEntry | undefined,
  { id }: Pick<Intent, 'id'>,
): held is OpenEntry {
  return held?.intent?.id === id;
}

/** The entry once a later attempt has found its intent open; `undefined` where that is recorded already. */
export function withFoundIntent(
  found: OpenEntry,
  held: JournalEntry | undefined,
  overAtMs: number,
): JournalEntry | undefined {
  if (found.intent.overAtMs !== undefined || !hasOpenIntent(held, found.intent)) return undefined;
  return { ...held, intent: { ...found.intent, overAtMs } };
}

/** The entry as it was before an intent whose request never went out; `undefined` where that intent is gone. */
export function withoutIntent(
  held: JournalEntry | undefined,
  { id }: Intent,
  owned: JournalEntry,
): JournalEntry | undefined {
  return hasOpenIntent(held, { id }) ? owned : undefined;
}

/**
 * The entry after a token: of its login, nothing of the past matters any more. Where a later login has taken its place,
 * the answer is kept with its own. `undefined` where a later answer of the same login is there.
 */
export function withAnswer(
  held: JournalEntry | undefined,
  owned: JournalEntry,
  answer: RefreshResult,
): JournalEntry | undefined {
  if (held !== undefined && held.lineage !== answer.lineage) return withLateAnswer(held, answer);
  if ((held?.answer?.generation ?? 0) > answer.generation) return undefined;
  const {
    credentialId,
    provider,
    lineage,
    epoch,
    application,
    earlierLogins: before,
  } = held ?? owned;
  return { credentialId, provider, lineage, epoch, application, earlierLogins: before, answer };
}

function withLateAnswer(held: JournalEntry, answer: RefreshResult): JournalEntry | undefined {
  const login = loginOf(held.earlierLogins, answer.lineage);
  if ((login?.answer?.generation ?? 0) > answer.generation) return undefined;
  const { lineage, token } = answer;
  const kept = { lineage, replacedAtMs: login?.replacedAtMs ?? token.issuedAtMs, answer };
  return {
    ...held,
    earlierLogins: earlierLogins<KeptLogin>(held.lineage, [kept], held.earlierLogins),
  };
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
  held: JournalEntry | undefined,
  intent: Intent,
  aftermath: Aftermath,
): JournalEntry | undefined {
  if (!hasOpenIntent(held, intent)) return undefined;
  const { intent: _over, doubt: _doubt, setback: _setback, unconfirmed: _count, ...kept } = held;
  const { setback, unconfirmed } = aftermath;
  return {
    ...kept,
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

function doubt(fingerprint: string, sinceMs: number | undefined): Pick<JournalEntry, 'doubt'> {
  return sinceMs === undefined ? {} : { doubt: { fingerprint, sinceMs } };
}
