import type {
  Doubt,
  Intent,
  JournalEntry,
  KeptLogin,
  OpenEntry,
  Backoff,
  Successor,
  Unconfirmed,
} from '../contract/journal-entry.js';
import type { Lineage, RefreshRequest, RefreshResult } from '../contract/refresh-activity.js';
import { EARLIER_LOGINS_MAX } from './keeper-numbers.js';
import { earlierLogins, loginOf, relationTo, withoutAnswer } from './lineage.js';
import { JOURNAL_LOGINS_MAX, UNCONFIRMED_MAX, UNCONFIRMED_SPAN_MS } from './numbers.js';
import { withLateSuccessor } from './successor.js';

type Owner = Pick<
  RefreshRequest,
  'credentialId' | 'provider' | 'lineage' | 'epoch' | 'application' | 'earlierLogins' | 'returns'
> &
  Pick<JournalEntry, 'settings'>;

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
  const { application, settings } =
    entry !== undefined && entry.application > owner.application ? entry : owner;
  if (entry !== undefined && relationTo(entry, owner) === 'same') {
    return {
      ...entry,
      provider,
      application,
      settings,
      epoch: Math.max(owner.epoch, entry.epoch),
      earlierLogins: keptLogins(lineage, entry.earlierLogins, owner.earlierLogins),
    };
  }
  const before =
    entry === undefined ? [] : [keptLogin(owner, entry, nowMs), ...entry.earlierLogins];
  const then = loginOf(entry?.earlierLogins ?? [], lineage);
  return {
    credentialId,
    provider,
    lineage,
    application,
    settings,
    epoch: Math.max(owner.epoch, (entry?.epoch ?? 0) + 1),
    earlierLogins: keptLogins(lineage, before, owner.earlierLogins),
    ...(then?.doubt === undefined ? {} : { doubt: then.doubt }),
    ...(then?.successor === undefined ? {} : { successor: then.successor }),
  };
}

/**
 * The entry after an application that no refresh follows at once; `undefined` where it says nothing new, or is not newer
 * than what the entry knows.
 */
export function withApplication(
  owner: Owner,
  held: JournalEntry | undefined,
  nowMs: number,
): JournalEntry | undefined {
  if (held !== undefined && owner.application <= held.application) return undefined;
  return ownedEntry(owner, held, nowMs);
}

/** The login that an entry is of, once another one takes its place. Nobody waits any more for an open request of it. */
function keptLogin(owner: Owner, entry: JournalEntry, nowMs: number): KeptLogin {
  const { lineage, answer, intent, successor } = entry;
  const replacedAtMs = loginOf(owner.earlierLogins, lineage)?.replacedAtMs ?? nowMs;
  const doubtful =
    entry.doubt ??
    (intent === undefined ? undefined : { fingerprint: intent.fingerprint, sinceMs: intent.atMs });
  return {
    lineage,
    replacedAtMs,
    ...(answer === undefined ? {} : { answer }),
    ...(doubtful === undefined ? {} : { doubt: doubtful }),
    ...(successor === undefined ? {} : { successor }),
  };
}

/** Of the newest logins all that is kept, of the others that they were: an old file of any age is recognised. */
function keptLogins(
  present: string,
  ...lists: readonly (readonly KeptLogin[])[]
): readonly KeptLogin[] {
  return earlierLogins<KeptLogin>(present, JOURNAL_LOGINS_MAX, ...lists).map((login, index) =>
    index < EARLIER_LOGINS_MAX ? login : withoutAnswer(login),
  );
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
  return {
    lineage,
    epoch,
    earlierLogins: before.slice(0, EARLIER_LOGINS_MAX).map(withoutAnswer),
  };
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
 * The entry after a token: of its login, nothing of the past matters any more but a doubt that it brings. Where a later login has taken its place,
 * the answer is kept with its own. `undefined` where a later answer of the same login is there.
 */
export function withAnswer(
  held: JournalEntry | undefined,
  owned: JournalEntry,
  answer: RefreshResult,
  doubt?: Doubt,
): JournalEntry | undefined {
  if (held !== undefined && held.lineage !== answer.lineage) return withLateAnswer(held, answer);
  if ((held?.answer?.generation ?? 0) > answer.generation) return undefined;
  const {
    credentialId,
    provider,
    lineage,
    epoch,
    application,
    settings,
    earlierLogins: before,
  } = held ?? owned;
  return {
    credentialId,
    provider,
    lineage,
    epoch,
    application,
    settings,
    earlierLogins: before,
    answer,
    ...(doubt === undefined ? {} : { doubt }),
  };
}

function withLateAnswer(held: JournalEntry, answer: RefreshResult): JournalEntry | undefined {
  const login = loginOf(held.earlierLogins, answer.lineage);
  if ((login?.answer?.generation ?? 0) > answer.generation) return undefined;
  const { lineage, token } = answer;
  const kept = { lineage, replacedAtMs: login?.replacedAtMs ?? token.issuedAtMs, answer };
  return {
    ...held,
    earlierLogins: keptLogins(held.lineage, [kept], held.earlierLogins),
  };
}

/** What an attempt without a token leaves in the journal. */
export interface FailedAttempt {
  readonly doubtSinceMs?: number;
  readonly setback?: Backoff;
  readonly unconfirmed?: Unconfirmed;
  /** The provider may be at work on the request until then. */
  readonly openUntilMs?: number;
  readonly successor?: Successor;
}

/**
 * The entry after an attempt without a token: its request is over, unless the provider may be at work on it still; what it
 * left in doubt stays. Where its intent is gone, another attempt came after it, and that one's record counts: only material
 * that this one brought is added, or the entry stays as it is (`undefined`).
 */
export function withFailedAttempt(
  held: JournalEntry | undefined,
  owned: JournalEntry,
  intent: Intent,
  failed: FailedAttempt,
): JournalEntry | undefined {
  const { setback, unconfirmed, openUntilMs, successor } = failed;
  if (!hasOpenIntent(held, intent)) return withLateSuccessor(held, owned, successor);
  const { intent: _over, doubt: _doubt, setback: _setback, unconfirmed: _count, ...kept } = held;
  return {
    ...kept,
    ...(openUntilMs === undefined ? {} : { intent: { ...intent, overAtMs: openUntilMs } }),
    ...doubt(intent.fingerprint, failed.doubtSinceMs),
    ...(setback === undefined ? {} : { setback }),
    ...(unconfirmed === undefined ? {} : { unconfirmed }),
    ...(successor === undefined ? {} : { successor }),
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
