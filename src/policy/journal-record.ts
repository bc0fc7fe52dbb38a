import { defined } from '../contract/defined.js';
import type {
  Intent,
  JournalEntry,
  OpenEntry,
  Backoff,
  Successor,
  Unconfirmed,
} from '../contract/journal-entry.js';
import type { RecordedLogin, RefreshRequest, RefreshResult } from '../contract/refresh-activity.js';
import { UNCONFIRMED_MAX, UNCONFIRMED_SPAN_MS } from './attempt-numbers.js';
import { EARLIER_LOGINS_MAX } from './keeper-numbers.js';
import { keptLogin, keptLogins, withKeptLogin } from './kept-login.js';
import { loginOf, relationTo, withoutAnswer } from './lineage.js';
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
      ...(settings === entry.settings ? entry : withoutSetbacks(entry)),
      provider,
      application,
      settings,
      epoch: Math.max(owner.epoch, entry.epoch),
      earlierLogins: keptLogins(lineage, entry.earlierLogins, owner.earlierLogins),
    };
  }
  const before =
    entry === undefined
      ? []
      : [keptLogin(owner.earlierLogins, entry, nowMs), ...entry.earlierLogins];
  const then = loginOf(entry?.earlierLogins ?? [], lineage);
  return {
    credentialId,
    provider,
    lineage,
    application,
    settings,
    epoch: Math.max(owner.epoch, (entry?.epoch ?? 0) + 1),
    earlierLogins: keptLogins(lineage, before, owner.earlierLogins),
    ...defined({ intent: then?.intent, doubt: then?.doubt, successor: then?.successor }),
  };
}

/** What was answered to other settings, such as a wrong address, neither holds these back nor counts against them. */
function withoutSetbacks({
  setback: _setback,
  unconfirmed: _count,
  ...kept
}: JournalEntry): JournalEntry {
  return kept;
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

/** The entry of a login to which an operator returns, with the newest answer that was kept of it. */
export function withReturnedLogin(
  owner: Owner & Pick<RefreshRequest, 'generation'>,
  entry: JournalEntry,
  kept: RefreshResult,
  nowMs: number,
): JournalEntry & Required<Pick<JournalEntry, 'answer'>> {
  const owned = ownedEntry(owner, entry, nowMs);
  const generation = Math.max(kept.generation, owner.generation + 1);
  return { ...owned, answer: { ...kept, ...recordedLogin(owned), generation } };
}

/** What a result says of its login, and of what else the journal knows. */
export function recordedLogin({
  lineage,
  epoch,
  application,
  earlierLogins: before,
}: JournalEntry): RecordedLogin {
  return {
    lineage,
    epoch,
    application,
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

/**
 * The entry once a later attempt has found an intent open, of its own login or of one that is returned to; `undefined` where
 * that is recorded already, or the intent is gone. A later time that is recorded gives way.
 */
export function withFoundIntent(
  found: Intent,
  held: JournalEntry | undefined,
  overAtMs: number,
): JournalEntry | undefined {
  if (held === undefined || (found.overAtMs ?? Infinity) <= overAtMs) return undefined;
  const intent = { ...found, overAtMs };
  if (hasOpenIntent(held, found)) return { ...held, intent };
  const login = held.earlierLogins.find((each) => each.intent?.id === found.id);
  return login && withKeptLogin(held, { ...login, intent });
}

/** The entry as it was before an intent whose request never went out; `undefined` where that intent is gone. */
export function withoutIntent(
  held: JournalEntry | undefined,
  { id }: Intent,
  owned: JournalEntry,
): JournalEntry | undefined {
  return hasOpenIntent(held, { id }) ? owned : undefined;
}

/** When a request is over at which the provider may still be at work, if that is known. */
export type StillOpen = Pick<Intent, 'overAtMs'>;

/** What an attempt without a token leaves in the journal. */
export interface FailedAttempt {
  readonly doubtSinceMs?: number;
  readonly setback?: Backoff;
  readonly unconfirmed?: Unconfirmed;
  /** The provider may be at work on the request. */
  readonly stillOpen?: StillOpen;
  /** An earlier request for the same material, which was not waited for and may be open still. */
  readonly openBefore?: Intent;
  readonly successor?: Successor;
}

/**
 * The entry after an attempt without a token. Its request is over, unless the provider may still be at work on it; what
 * it left in doubt stays. If its intent is gone, another attempt came after it, and that one's record counts. Then only
 * material that this one brought is added, or the entry stays as it is (`undefined`).
 */
export function withFailedAttempt(
  held: JournalEntry | undefined,
  owned: JournalEntry,
  intent: Intent,
  failed: FailedAttempt,
): JournalEntry | undefined {
  const { setback, unconfirmed, stillOpen, openBefore, successor } = failed;
  if (!hasOpenIntent(held, intent)) return withLateSuccessor(held, owned, successor);
  const { intent: _over, doubt: _doubt, setback: _setback, unconfirmed: _count, ...kept } = held;
  return {
    ...kept,
    ...defined({ intent: stillOpen === undefined ? openBefore : { ...intent, ...stillOpen } }),
    ...doubt(intent.fingerprint, failed.doubtSinceMs),
    ...defined({ setback, unconfirmed, successor }),
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
