import type { Intent, JournalEntry, OpenEntry } from '../contract/journal-entry.js';
import type { RefreshReason, RefreshRequest, RefreshResult } from '../contract/refresh-activity.js';
import { HTTP_DEADLINE_MS, IN_DOUBT_GRACE_MS, SEND_WITHIN_MS } from './numbers.js';

/** What an attempt knows before it sends anything. */
export interface AttemptFacts {
  readonly request: Pick<
    RefreshRequest,
    'keeperId' | 'epoch' | 'generation' | 'reason' | 'doubtSinceMs'
  >;
  /** The journal's entry of this credential, if any. */
  readonly entry: JournalEntry | undefined;
  /** SHA-256 of the material field to be spent. */
  readonly fingerprint: string;
  readonly rotates: boolean;
  /** An earlier attempt of this execution said by heartbeat that it sent; counts only without an entry. */
  readonly sentByHeartbeat: boolean;
}

/** What an attempt does. */
export type AttemptDecision =
  | { readonly do: 'return'; readonly result: RefreshResult }
  | { readonly do: 'await-answer'; readonly untilMs: number; readonly found: OpenEntry }
  | { readonly do: 'hold'; readonly untilMs: number }
  | { readonly do: 'send'; readonly doubtSinceMs?: number };

/**
 * Decides what an attempt does, from the journal first: a recorded answer is returned without a request; a
 * request that may still be open is waited out where a second one could spend a dead token; a wait that the
 * provider or the backoff asked for is kept. Only then a request goes out, and says whether it is in doubt.
 */
export function decideAttempt(facts: AttemptFacts, nowMs: number): AttemptDecision {
  const entry = ownEntry(facts);
  if (entry === undefined) return send(hintedDoubt(facts, nowMs));
  if (entry.answer !== undefined && entry.answer.generation > facts.request.generation) {
    return { do: 'return', result: entry.answer };
  }
  const open = entry.intent?.fingerprint === facts.fingerprint ? entry.intent : undefined;
  if (open !== undefined && facts.rotates) {
    const overAtMs = requestOverAtMs(open, nowMs);
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
  return send(doubt ?? open?.atMs);
}

/** The entry if it belongs to this keeper and to this lineage or, after a reset, to a later one. */
export function ownEntry(facts: Pick<AttemptFacts, 'entry' | 'request'>): JournalEntry | undefined {
  const { entry, request } = facts;
  return entry?.keeperId === request.keeperId && entry.epoch >= request.epoch ? entry : undefined;
}

/**
 * When a request that an earlier attempt may have sent is surely over. Two facts bound it: the deadline that the
 * attempt recorded, which hangs on its worker's clock, and the server's word that it had started that attempt before
 * it scheduled the one that found the intent, since an attempt sends soon after its start or not at all.
 */
function requestOverAtMs({ deadlineAtMs, foundAtMs }: Intent, nowMs: number): number {
  const overByServerMs = (foundAtMs ?? nowMs) + SEND_WITHIN_MS + HTTP_DEADLINE_MS;
  return Math.min(deadlineAtMs, overByServerMs) + IN_DOUBT_GRACE_MS;
}

function hintedDoubt(facts: AttemptFacts, nowMs: number): number | undefined {
  return facts.request.doubtSinceMs ?? (facts.sentByHeartbeat ? nowMs : undefined);
}

function holds(askedByProvider: boolean, reason: RefreshReason): boolean {
  if (reason === 'forced-now') return false;
  return askedByProvider || reason === 'due';
}

function send(doubtSinceMs: number | undefined): AttemptDecision {
  return doubtSinceMs === undefined ? { do: 'send' } : { do: 'send', doubtSinceMs };
}
