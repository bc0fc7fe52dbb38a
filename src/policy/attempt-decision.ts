import type { Backoff, Intent, JournalEntry, KeptLogin } from '../contract/journal-entry.js';
import type { RefreshRequest, RefreshResult } from '../contract/refresh-activity.js';
import { HOLD_BELIEVED_MAX_MS } from './attempt-numbers.js';
import { forgottenSinceMs, unheardOfSinceMs } from './forgotten-refreshes.js';
import { loginOf, recordOf, relationTo } from './lineage.js';
import { isWaitedOut, openUntil, type FinderFacts } from './open-request.js';

/** What an attempt knows before it sends anything. */
export interface AttemptFacts extends FinderFacts {
  readonly request: Pick<
    RefreshRequest,
    | 'provider'
    | 'lineage'
    | 'application'
    | 'returns'
    | 'unconfirmedLogins'
    | 'generation'
    | 'reason'
    | 'doubtSinceMs'
    | 'movedSinceMs'
    | 'refusedInDoubtSinceMs'
    | 'journalId'
    | 'currentToken'
  >;
  /** Names the execution of the activity that the attempt belongs to. */
  readonly execution: string;
  /** SHA-256 of the settings that the request goes out with. */
  readonly settings: string;
  /** The journal of this worker. */
  readonly journalId: string;
  /** The journal's entry of this credential, if any. */
  readonly entry: JournalEntry | undefined;
  /** SHA-256 of the material field to be spent. */
  readonly fingerprint: string;
  /** Whether the attempt spends material that came without a token: the journal knows it, and the keeper does not. */
  readonly spendsSuccessor: boolean;
  /** SHA-256 of the material field that an answer left to be spent next; `undefined` where it left none. */
  readonly leftBy: (answer: RefreshResult) => string | undefined;
  readonly rotates: boolean;
  /** The refresh spends the token itself. */
  readonly spendsToken: boolean;
  /** The journal in which an earlier attempt of this execution recorded its intent, as its heartbeat said. */
  readonly sentWithJournal: string | undefined;
}

/** What tells whether an answer has spent the keeper's material. */
export type SpentFacts = Pick<AttemptFacts, 'fingerprint' | 'leftBy'> & {
  readonly request: Pick<RefreshRequest, 'lineage'>;
};

/** What an attempt does. */
export type AttemptDecision =
  | { readonly do: 'return'; readonly result: RefreshResult }
  | { readonly do: 'return-to-login'; readonly answer: RefreshResult; readonly entry: JournalEntry }
  | { readonly do: 'await-answer'; readonly untilMs: number; readonly found: Intent }
  | { readonly do: 'hold'; readonly untilMs: number }
  | { readonly do: 'refuse-journal' }
  | {
      readonly do: 'refuse-login' | 'refuse-forgotten-login';
      readonly replacedAtMs: number;
      readonly application: number;
    }
  | { readonly do: 'refuse-settings'; readonly application: number }
  | { readonly do: 'refuse-material'; readonly doubtSinceMs: number }
  | { readonly do: 'send'; readonly doubtSinceMs?: number };

/**
 * Decides what an attempt does, from the journal first. Nothing is sent with another journal than the keeper's. A
 * recorded answer is returned without any request, whatever the keeper has forgotten. Replaced logins and replaced
 * settings are not used. A request that may still be open is waited out if a second one could spend a dead token. A wait
 * that the provider or the backoff asked for is kept. Only then does a request go out; the decision says whether it is
 * in doubt. Where the keeper's material was refused in doubt, none goes out with it: only an answer that has reached the
 * journal since can help.
 */
export function decideAttempt(facts: AttemptFacts, nowMs: number): AttemptDecision {
  const decision = decided(facts, nowMs);
  const doubtSinceMs = facts.request.refusedInDoubtSinceMs;
  const wouldSend = decision.do === 'send' || decision.do === 'hold';
  return doubtSinceMs !== undefined && wouldSend && isRefusedMaterial(facts, doubtSinceMs)
    ? { do: 'refuse-material', doubtSinceMs }
    : decision;
}

/**
 * Whether the request would spend what was refused. A refresh token that came without an access token is another one,
 * unless that was refused itself: then the journal's doubt is of it, and as old as the refusal says.
 */
function isRefusedMaterial(
  { entry, request, fingerprint, spendsSuccessor }: AttemptFacts,
  doubtSinceMs: number,
): boolean {
  if (!spendsSuccessor) return true;
  const doubt = recordOf(entry, request.lineage)?.doubt;
  return doubt?.fingerprint === fingerprint && doubt.sinceMs === doubtSinceMs;
}

function decided(facts: AttemptFacts, nowMs: number): AttemptDecision {
  const { request, entry, journalId } = facts;
  const known = request.journalId ?? facts.sentWithJournal;
  if (known !== undefined && known !== journalId) return { do: 'refuse-journal' };
  if (entry === undefined) return send(hintedDoubt(facts, nowMs) ?? unheardOfSinceMs(facts, nowMs));
  const relation = relationTo(entry, request);
  const { application } = entry;
  if (relation === 'same' && isBeforeUnknownLogin(request, entry)) {
    return { do: 'refuse-login', replacedAtMs: nowMs, application };
  }
  const login = loginOf(entry.earlierLogins, request.lineage);
  const recorded = relation === 'new' ? undefined : recordedAnswer(entry, relation, request);
  if (recorded !== undefined) return { do: 'return', result: recorded };
  if (relation === 'same' && entry.answer !== undefined && isSpentBy(entry.answer, facts)) {
    return { do: 'return-to-login', answer: entry.answer, entry };
  }
  if (relation === 'replaced') {
    return { do: 'refuse-login', replacedAtMs: login?.replacedAtMs ?? nowMs, application };
  }
  if (request.application < entry.application && facts.settings !== entry.settings) {
    return { do: 'refuse-settings', application: entry.application };
  }
  if (relation === 'same') return decideOwn(facts, entry, nowMs);
  return decideNew(facts, entry, login, nowMs);
}

/** The entry's login gives way to one that it does not know, or to an earlier one to which an operator returns. */
function decideNew(
  facts: AttemptFacts,
  entry: JournalEntry,
  login: KeptLogin | undefined,
  nowMs: number,
): AttemptDecision {
  const { request, fingerprint, rotates } = facts;
  if (login?.answer !== undefined) return { do: 'return-to-login', answer: login.answer, entry };
  if (login?.isForgotten === true && rotates && fingerprint === request.lineage) {
    const { replacedAtMs } = login;
    return { do: 'refuse-forgotten-login', replacedAtMs, application: entry.application };
  }
  const wait = waitFor(openIntent(login, facts), facts, nowMs);
  if (wait !== undefined) return wait;
  const doubt = login?.doubt?.fingerprint === fingerprint ? login.doubt.sinceMs : undefined;
  return send(doubt ?? carriedDoubt(request) ?? unheardOfSinceMs(facts, nowMs));
}

/**
 * Whether the entry's own login was applied again after one that the entry does not know. That unknown login came after
 * all that the journal was told of.
 */
function isBeforeUnknownLogin(
  { unconfirmedLogins = [], returns }: AttemptFacts['request'],
  entry: JournalEntry,
): boolean {
  if (returns === true) return false;
  return unconfirmedLogins.some((lineage) => loginOf(entry.earlierLogins, lineage) === undefined);
}

/** The entry is of the same login. */
function decideOwn(facts: AttemptFacts, entry: JournalEntry, nowMs: number): AttemptDecision {
  const open = openIntent(entry, facts);
  const wait = waitFor(open, facts, nowMs);
  if (wait !== undefined) return wait;
  const { setback } = entry;
  // What was asked of other settings, such as a client that has been repaired since, does not hold these back.
  const isOfThese = entry.settings === facts.settings;
  if (setback !== undefined && isOfThese && holds(setback, facts, nowMs)) {
    return { do: 'hold', untilMs: setback.holdUntilMs };
  }
  const doubt = entry.doubt?.fingerprint === facts.fingerprint ? entry.doubt.sinceMs : undefined;
  const forgotten = forgottenSinceMs(entry, facts, nowMs);
  return send(doubt ?? open?.atMs ?? forgotten ?? facts.request.movedSinceMs);
}

/** The intent of a request for the same material, if its answer was never recorded. */
function openIntent(
  record: Pick<JournalEntry, 'intent'> | undefined,
  { fingerprint }: AttemptFacts,
): Intent | undefined {
  return record?.intent?.fingerprint === fingerprint ? record.intent : undefined;
}

function waitFor(
  open: Intent | undefined,
  facts: AttemptFacts,
  nowMs: number,
): AttemptDecision | undefined {
  if (open === undefined) return undefined;
  const untilMs = openUntil(open, facts);
  if (nowMs >= untilMs || !isWaitedOut(facts, untilMs, nowMs)) return undefined;
  return { do: 'await-answer', untilMs, found: open };
}

/**
 * The newest answer that the journal has for this keeper. A keeper that was reset to before a later login goes on with
 * what that login brought. One to which the replaced login was applied anew gets no answer, since somebody chose that
 * login. An operator who returns to a login gets no other one, also where their clock is behind.
 */
function recordedAnswer(
  entry: JournalEntry,
  relation: 'same' | 'replaced',
  request: AttemptFacts['request'],
): RefreshResult | undefined {
  const isFollowed =
    relation === 'same' ||
    (request.returns !== true &&
      request.application < entry.application &&
      entry.provider === request.provider);
  return isFollowed && entry.answer !== undefined && entry.answer.generation > request.generation
    ? entry.answer
    : undefined;
}

/**
 * Whether this answer has spent the material that the keeper holds: the keeper holds it as it was applied, and the answer
 * left other material. The generation cannot tell, since a login in between may have counted on.
 */
export function isSpentBy(
  answer: RefreshResult,
  { request, fingerprint, leftBy }: SpentFacts,
): boolean {
  const left = leftBy(answer);
  return fingerprint === request.lineage && left !== undefined && left !== fingerprint;
}

function hintedDoubt(facts: AttemptFacts, nowMs: number): number | undefined {
  return carriedDoubt(facts.request) ?? (facts.sentWithJournal === undefined ? undefined : nowMs);
}

function carriedDoubt(request: AttemptFacts['request']): number | undefined {
  return request.doubtSinceMs ?? request.movedSinceMs;
}

/**
 * Whether a wait holds the attempt back. An operator's force passes it, but for one request only: a wait that an attempt
 * of its own execution has met since is kept.
 */
function holds(
  { askedByProvider, execution, holdUntilMs }: Backoff,
  { request: { reason }, execution: ours }: AttemptFacts,
  nowMs: number,
): boolean {
  if (nowMs >= holdUntilMs || holdUntilMs - nowMs > HOLD_BELIEVED_MAX_MS) return false;
  if (execution === ours) return true;
  if (reason === 'forced-now') return false;
  return askedByProvider || reason !== 'forced';
}

function send(doubtSinceMs: number | undefined): AttemptDecision {
  return doubtSinceMs === undefined ? { do: 'send' } : { do: 'send', doubtSinceMs };
}
