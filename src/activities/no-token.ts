import type { ApplicationFailure } from '@temporalio/activity';
import type { FailureType } from '../contract/failures.js';
import type { JournalEntry, Backoff } from '../contract/journal-entry.js';
import type { RefreshRequest } from '../contract/refresh-activity.js';
import { clientRejectedDelayMs, cutToLifeMs, retryDelayMs } from '../policy/backoff.js';
import { type FailedAttempt, isConfirmed, oneMoreUnconfirmed } from '../policy/journal-record.js';
import { HTTP_DEADLINE_MS, IN_DOUBT_GRACE_MS } from '../policy/numbers.js';
import { isStillValid } from '../policy/validity.js';
import type { BoundCredential } from './bound-credential.js';
import type { NoToken } from './judged-answer.js';
import { endsExecution, refreshFailure } from './refresh-failure.js';

/** All that decides what an attempt without a token means. */
export interface NoTokenFacts {
  readonly request: RefreshRequest;
  readonly bound: BoundCredential;
  readonly entry: JournalEntry | undefined;
  /** The execution of the activity that the attempt belongs to. */
  readonly execution: string;
  /** When the keeper looks again after its client was rejected, where the worker remembers that for all of its credentials. */
  readonly clientLookInMs?: number;
  readonly noToken: NoToken;
  /** Since when a request has been in doubt, this one included. */
  readonly doubtSinceMs: number | undefined;
  /** When the request went out. */
  readonly sentAtMs: number;
  readonly nowMs: number;
  /** How late `nowMs` is by the server's word: a wait that the provider asked for must not end early. */
  readonly waitedMs: number;
  /** 0 to 1. */
  readonly jitter: number;
}

/** What it means: the failure to throw, and what the journal must keep. */
export interface NoTokenConsequence {
  readonly failure: ApplicationFailure;
  readonly type: FailureType;
  readonly code: string;
  readonly recorded: FailedAttempt;
}

/** Decides the consequence of an attempt without a token. */
export function consequenceOf(facts: NoTokenFacts): NoTokenConsequence {
  const { request, bound, entry, noToken, nowMs } = facts;
  const unconfirmed =
    noToken.meaning === 'unconfirmed' ? oneMoreUnconfirmed(entry?.unconfirmed, nowMs) : undefined;
  const type = failureType(
    noToken,
    unconfirmed !== undefined &&
      isConfirmed(unconfirmed, nowMs) &&
      // While it serves, a mistaken end would cost more than another look.
      !isStillValid(request.currentToken, nowMs),
  );
  const isRefusedInDoubt = facts.doubtSinceMs !== undefined && bound.provider.rotates;
  const code =
    type === 'PermanentRefreshError' && isRefusedInDoubt ? 'outcome_unknown' : noToken.code;
  const openForMs = openUntilMs(facts) - nowMs;
  const retryInMs =
    type === 'PermanentRefreshError' ? undefined : Math.max(retryDelay(facts, type), openForMs);
  return {
    type,
    code,
    failure: refreshFailure({
      type,
      code,
      provider: request.provider,
      credentialId: request.credentialId,
      atMs: nowMs,
      ...(noToken.httpStatus === undefined ? {} : { httpStatus: noToken.httpStatus }),
      ...(facts.doubtSinceMs === undefined ? {} : { doubtSinceMs: facts.doubtSinceMs }),
      ...(retryInMs === undefined ? {} : { retryInMs }),
    }),
    recorded: {
      ...(facts.doubtSinceMs === undefined ? {} : { doubtSinceMs: facts.doubtSinceMs }),
      // Believed answers are not counted on: the next ones may concern another address.
      ...(unconfirmed === undefined || endsExecution(type) ? {} : { unconfirmed }),
      ...(retryInMs === undefined ? {} : { setback: backoffOf(facts, retryInMs) }),
      ...(openForMs > 0 ? { openUntilMs: nowMs + openForMs } : {}),
      ...(noToken.successor === undefined ? {} : { successor: noToken.successor }),
    },
  };
}

/**
 * Until when the provider may be at work on the request, where a second one beside it could spend a dead token. A token that
 * renews only itself and would expire meanwhile has nothing to lose by another try.
 */
function openUntilMs({ request, bound, noToken, sentAtMs, nowMs }: NoTokenFacts): number {
  if (!noToken.mayStillRun || !bound.provider.rotates) return nowMs;
  const untilMs = sentAtMs + HTTP_DEADLINE_MS + IN_DOUBT_GRACE_MS;
  const endsBefore = bound.provider.spendsToken && !isStillValid(request.currentToken, untilMs);
  return endsBefore ? nowMs : Math.max(untilMs, nowMs);
}

function backoffOf(
  { entry, execution, noToken, nowMs, waitedMs }: NoTokenFacts,
  holdMs: number,
): Backoff {
  const askedByProvider = noToken.retryAfterMs !== undefined;
  return {
    count: (entry?.setback?.count ?? 0) + 1,
    execution,
    holdUntilMs: nowMs + holdMs + (askedByProvider ? waitedMs : 0),
    askedByProvider,
  };
}

function failureType(noToken: NoToken, isConfirmedNow: boolean): FailureType {
  switch (noToken.meaning) {
    case 'permanent':
      return 'PermanentRefreshError';
    case 'client-rejected':
      return 'ClientRejectedError';
    case 'unconfirmed':
      return isConfirmedNow ? 'PermanentRefreshError' : 'UnconfirmedRefreshError';
    case 'misconfigured':
      return 'WorkerMisconfiguredError';
    case 'retry':
      return 'TransientRefreshError';
  }
}

function retryDelay(facts: NoTokenFacts, type: FailureType): number {
  const { request, bound, nowMs, waitedMs } = facts;
  const delayMs = ownDelay(facts, type);
  const spendsToken = bound.provider.spendsToken;
  if (!spendsToken || request.currentToken === undefined) return delayMs;
  return cutToLifeMs(delayMs, request.currentToken.expiresAtMs - nowMs - waitedMs);
}

function ownDelay(
  { request, entry, noToken, nowMs, jitter, clientLookInMs }: NoTokenFacts,
  type: FailureType,
): number {
  const attempt = (entry?.setback?.count ?? 0) + 1;
  if (type === 'ClientRejectedError') {
    const ownMs = clientLookInMs ?? clientRejectedDelayMs(attempt, jitter);
    return Math.max(ownMs, noToken.retryAfterMs ?? 0);
  }
  return retryDelayMs({
    attempt,
    tokenIsValid: isStillValid(request.currentToken, nowMs),
    ...(noToken.retryAfterMs === undefined ? {} : { retryAfterMs: noToken.retryAfterMs }),
    jitter,
  });
}
