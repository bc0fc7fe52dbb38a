import type { JournalEntry, OpenEntry } from '../contract/journal-entry.js';
import type { RefreshReason, RefreshRequest, RefreshResult } from '../contract/refresh-activity.js';
import { loginOf, relationTo } from './lineage.js';
import { requestOverAtMs, type FinderFacts } from './open-request.js';

/** What an attempt knows before it sends anything. */
export interface AttemptFacts extends FinderFacts {
  readonly request: Pick<
    RefreshRequest,
    | 'provider'
    | 'lineage'
    | 'application'
    | 'returns'
    | 'generation'
    | 'reason'
    | 'doubtSinceMs'
    | 'journalId'
  >;
  /** The journal of this worker. */
  readonly journalId: string;
  /** The journal's entry of this credential, if any. */
  readonly entry: JournalEntry | undefined;
  /** SHA-256 of the material field to be spent. */
  readonly fingerprint: string;
  readonly rotates: boolean;
  /** The journal in which an earlier attempt of this execution recorded its intent, as its heartbeat said. */
  readonly sentWithJournal: string | undefined;
}

/** What an attempt does. */
export type AttemptDecision =
  | { readonly do: 'return'; readonly result: RefreshResult }
  | { readonly do: 'return-to-login'; readonly answer: RefreshResult; readonly entry: JournalEntry }
  | { readonly do: 'await-answer'; readonly untilMs: number; readonly found: OpenEntry }
  | { readonly do: 'hold'; readonly untilMs: number }
  | { readonly do: 'refuse-journal' }
  | { readonly do: 'refuse-login'; readonly replacedAtMs: number }
  | { readonly do: 'refuse-settings'; readonly application: number }
  | { readonly do: 'send'; readonly doubtSinceMs?: number };

/**
 * Decides what an attempt does, from the journal first. With another journal than the keeper's nothing is sent. A
 * recorded answer is returned without any request, whatever the keeper has forgotten. Material of a login that was
 * replaced, and settings that were, are not used. A request that may still be open is waited out where a second one
 * could spend a dead token; a wait that the provider or the backoff asked for is kept. Only then a request goes out,
 * and says whether it is in doubt.
 */
export function decideAttempt(facts: AttemptFacts, nowMs: number): AttemptDecision {
  const { request, entry, journalId } = facts;
  const known = request.journalId ?? facts.sentWithJournal;
  if (known !== undefined && known !== journalId) return { do: 'refuse-journal' };
  if (entry === undefined) return send(hintedDoubt(facts, nowMs));
  const relation = relationTo(entry, request);
  const login = loginOf(entry.earlierLogins, request.lineage);
  const recorded = relation === 'new' ? undefined : recordedAnswer(entry, relation, request);
  if (recorded !== undefined) return { do: 'return', result: recorded };
  if (relation === 'replaced') {
    return { do: 'refuse-login', replacedAtMs: login?.replacedAtMs ?? nowMs };
  }
  if (request.application < entry.application) {
    return { do: 'refuse-settings', application: entry.application };
  }
  if (relation === 'same') return decideOwn(facts, entry, nowMs);
  const answer = login?.answer;
  return answer === undefined ? send(undefined) : { do: 'return-to-login', answer, entry };
}

/** The entry is of the same login. */
function decideOwn(facts: AttemptFacts, entry: JournalEntry, nowMs: number): AttemptDecision {
  const open = entry.intent?.fingerprint === facts.fingerprint ? entry.intent : undefined;
  if (open !== undefined && facts.rotates) {
    const overAtMs = open.overAtMs ?? requestOverAtMs(open, facts);
    if (nowMs < overAtMs) {
      return { do: 'await-answer', untilMs: overAtMs, found: { ...entry, intent: open } };
    }
  }
  const { setback } = entry;
  if (setback !== undefined && nowMs < setback.holdUntilMs) {
    if (holds(setback.askedByProvider, facts.request.reason)) {
      return { do: 'hold', untilMs: setback.holdUntilMs };
    }
  }
  const doubt = entry.doubt?.fingerprint === facts.fingerprint ? entry.doubt.sinceMs : undefined;
  return send(doubt ?? open?.atMs ?? forgottenSinceMs(entry, facts.request.generation));
}

/**
 * The newest answer that the journal has for this keeper. One that was applied anew with a replaced login gets none,
 * since somebody chose that login; one that was reset to before the later login goes on with what that brought.
 */
function recordedAnswer(
  entry: JournalEntry,
  relation: 'same' | 'replaced',
  request: AttemptFacts['request'],
): RefreshResult | undefined {
  const isFollowed =
    relation === 'same' ||
    (request.application < entry.application && entry.provider === request.provider);
  return isFollowed && entry.answer !== undefined && entry.answer.generation > request.generation
    ? entry.answer
    : undefined;
}

/** An older journal was restored: it does not know of every request, so a refusal proves nothing. */
function forgottenSinceMs({ answer }: JournalEntry, generation: number): number | undefined {
  return answer !== undefined && answer.generation < generation
    ? answer.token.issuedAtMs
    : undefined;
}

function hintedDoubt(facts: AttemptFacts, nowMs: number): number | undefined {
  return facts.request.doubtSinceMs ?? (facts.sentWithJournal === undefined ? undefined : nowMs);
}

function holds(askedByProvider: boolean, reason: RefreshReason): boolean {
  if (reason === 'forced-now') return false;
  return askedByProvider || reason !== 'forced';
}

function send(doubtSinceMs: number | undefined): AttemptDecision {
  return doubtSinceMs === undefined ? { do: 'send' } : { do: 'send', doubtSinceMs };
}
