import { defined } from '../contract/defined.js';
import type { JournalEntry, KeptLogin } from '../contract/journal-entry.js';
import type { EarlierLogin } from '../contract/keeper.js';
import { EARLIER_LOGINS_MAX } from './keeper-numbers.js';
import { earlierLogins, loginOf } from './lineage.js';
import { JOURNAL_LOGINS_MAX } from './attempt-numbers.js';

/** The login that an entry is of, once another one takes its place. */
export function keptLogin(
  known: readonly EarlierLogin[],
  { lineage, answer, intent, doubt, successor }: JournalEntry,
  nowMs: number,
): KeptLogin {
  const replacedAtMs = loginOf(known, lineage)?.replacedAtMs ?? nowMs;
  const doubtful =
    doubt ??
    (intent === undefined ? undefined : { fingerprint: intent.fingerprint, sinceMs: intent.atMs });
  return {
    lineage,
    replacedAtMs,
    ...defined({ answer, intent, doubt: doubtful, successor }),
  };
}

/**
 * Keeps the newest logins whole. Of older ones it keeps only that they existed and whether their first token may be
 * spent, so that a file of any age is recognised.
 */
export function keptLogins(
  present: string,
  ...lists: readonly (readonly KeptLogin[])[]
): readonly KeptLogin[] {
  return earlierLogins<KeptLogin>(present, JOURNAL_LOGINS_MAX, ...lists).map((login, index) =>
    index < EARLIER_LOGINS_MAX ? login : forgotten(login),
  );
}

/** The entry with another record of an earlier login. */
export function withKeptLogin(entry: JournalEntry, login: KeptLogin): JournalEntry {
  return { ...entry, earlierLogins: keptLogins(entry.lineage, [login], entry.earlierLogins) };
}

function forgotten({ lineage, replacedAtMs, ...more }: KeptLogin): KeptLogin {
  const isForgotten = Object.keys(more).length > 0;
  return { lineage, replacedAtMs, ...(isForgotten ? { isForgotten } : {}) };
}
