import { defined } from '../contract/defined.js';
import type { FailureType } from '../contract/failures.js';
import type { Backoff, Intent, JournalEntry, Successor } from '../contract/journal-entry.js';
import type { RefreshRequest } from '../contract/refresh-activity.js';
import { HTTP_DEADLINE_MS, IN_DOUBT_GRACE_MS } from './attempt-numbers.js';
import { askedDelayMs, clientRejectedDelayMs, retryDelayMs, waitWithinLifeMs } from './backoff.js';
import type { Verdict } from './classify.js';
import { endsExecution, type FailedRefresh } from './failed-refresh.js';
import {
  type FailedAttempt,
  isConfirmed,
  oneMoreUnconfirmed,
  type StillOpen,
} from './journal-record.js';
import { isWaitedOut, openUntil } from './open-request.js';
import { maySayItWasSpent } from './refused-material.js';
import { isStillValid } from './validity.js';

/** An attempt that got no token. */
export interface NoToken {
  readonly meaning: Verdict['meaning'] | 'misconfigured';
  readonly code: string;
  readonly httpStatus?: number;
  /** What the provider asked to wait, in milliseconds. */
  readonly retryAfterMs?: number;
  /** Whether the material may have been spent all the same. */
  readonly leavesDoubt: boolean;
  /** Whether the provider may be at work on the request still: a second one then waits until its time is over. */
  readonly mayStillRun: boolean;
  /** What the next attempt spends in place of the material that this one has. */
  readonly successor?: Successor;
}

/** All that decides what an attempt without a token means. */
export interface NoTokenFacts {
  readonly request: RefreshRequest;
  /** Whether a refresh kills what it spent. */
  readonly rotates: boolean;
  /** Whether what a refresh spends is the access token itself. */
  readonly spendsToken: boolean;
  readonly entry: JournalEntry | undefined;
  /** The execution of the activity that the attempt belongs to. */
  readonly execution: string;
  /** When the keeper looks again after its client was rejected, where the worker remembers that for all of its credentials. */
  readonly clientLookInMs?: number;
  readonly noToken: NoToken;
  /** Since when a request was in doubt before this one. */
  readonly doubtSinceMs: number | undefined;
  /** SHA-256 of the material field that it spent. */
  readonly fingerprint: string;
  /** When the server scheduled the attempt. */
  readonly scheduledAtMs: number;
  /** When the request went out. */
  readonly sentAtMs: number;
  readonly nowMs: number;
  /** How late `nowMs` is by the server's word, if it says so: no wait that others rely on may end early. */
  readonly waitedMs: number | undefined;
  /** 0 to 1. */
  readonly jitter: number;
}

/** What it means: what the keeper and the operator are told, and what the journal must keep. */
export interface NoTokenConsequence {
  readonly failed: FailedRefresh;
  readonly recorded: FailedAttempt;
}

export function consequenceOf(facts: NoTokenFacts): NoTokenConsequence {
  const { request, noToken, nowMs } = facts;
  const unconfirmed =
    noToken.meaning === 'unconfirmed'
      ? oneMoreUnconfirmed(facts.entry?.unconfirmed, nowMs)
      : undefined;
  const type = failureType(
    noToken,
    unconfirmed !== undefined &&
      isConfirmed(unconfirmed, nowMs) &&
      // While it serves, a mistaken end would cost more than another look.
      !isStillValid(request.currentToken, nowMs),
  );
  const isPermanent = type === 'PermanentRefreshError';
  const doubtSinceMs = doubtAfter(facts);
  const isRefusedInDoubt =
    isPermanent && doubtSinceMs !== undefined && facts.rotates && maySayItWasSpent(noToken.code);
  const openForMs = openUntilMs(facts) - nowMs;
  const retryInMs = isPermanent ? undefined : Math.max(retryDelay(facts, type), openForMs);
  return {
    failed: {
      type,
      code: isRefusedInDoubt ? 'outcome_unknown' : noToken.code,
      provider: request.provider,
      credentialId: request.credentialId,
      atMs: nowMs,
      ...defined({ httpStatus: noToken.httpStatus, doubtSinceMs, retryInMs }),
    },
    recorded: {
      ...defined({ doubtSinceMs, successor: noToken.successor }),
      // Once answers are believed, the count begins anew: the next ones may concern another address.
      ...(unconfirmed === undefined || endsExecution({ type }) ? {} : { unconfirmed }),
      ...(retryInMs === undefined ? {} : { setback: backoffOf(facts, retryInMs) }),
      ...(openForMs > 0 ? { stillOpen: stillOpen(facts, openForMs) } : {}),
      ...defined({ openBefore: openBefore(facts) }),
    },
  };
}

/**
 * Since when a request has been in doubt, this one included. There is no doubt about material that an answer has
 * replaced.
 */
function doubtAfter({ noToken, doubtSinceMs, sentAtMs }: NoTokenFacts): number | undefined {
  if (noToken.successor !== undefined) return undefined;
  return doubtSinceMs ?? (noToken.leavesDoubt ? sentAtMs : undefined);
}

/**
 * Until when the provider may be at work on the request. Until then a second request could spend a dead token. A token
 * that renews only itself and expires meanwhile has nothing to lose by another try.
 */
function openUntilMs(facts: NoTokenFacts): number {
  const { noToken, nowMs } = facts;
  if (!noToken.mayStillRun || !facts.rotates) return nowMs;
  const untilMs = facts.sentAtMs + HTTP_DEADLINE_MS + IN_DOUBT_GRACE_MS;
  return isWaitedOut(facts, untilMs, nowMs) ? Math.max(untilMs, nowMs) : nowMs;
}

/** Without the server's word, whoever finds the request open waits as long as one that was sent just then could last. */
function stillOpen({ nowMs, waitedMs }: NoTokenFacts, openForMs: number): StillOpen {
  return waitedMs === undefined ? {} : { overAtMs: nowMs + openForMs + waitedMs };
}

/**
 * The request of an earlier attempt that may be open still. An attempt with a token that renews only itself may not have waited
 * for it. Once that token has expired, only its answer can help, so it must not be forgotten.
 */
function openBefore({
  entry,
  spendsToken,
  fingerprint,
  scheduledAtMs,
  nowMs,
}: NoTokenFacts): Intent | undefined {
  const open = entry?.intent;
  if (!spendsToken || open?.fingerprint !== fingerprint) return undefined;
  const overAtMs = openUntil(open, { scheduledAtMs });
  return nowMs < overAtMs ? { ...open, overAtMs } : undefined;
}

function backoffOf(
  { entry, execution, noToken, nowMs, waitedMs = 0 }: NoTokenFacts,
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
  const { request, spendsToken, nowMs, waitedMs = 0 } = facts;
  const { currentToken } = request;
  return waitWithinLifeMs(ownDelay(facts, type), { spendsToken, currentToken }, nowMs + waitedMs);
}

function ownDelay(
  { request, entry, noToken, nowMs, waitedMs = 0, jitter, clientLookInMs }: NoTokenFacts,
  type: FailureType,
): number {
  const attempt = (entry?.setback?.count ?? 0) + 1;
  const { currentToken } = request;
  const tokenLeftMs = currentToken && currentToken.expiresAtMs - nowMs - waitedMs;
  const asked = { ...defined({ retryAfterMs: noToken.retryAfterMs, tokenLeftMs }), jitter };
  if (type === 'ClientRejectedError') {
    const ownMs = clientLookInMs ?? clientRejectedDelayMs(attempt, jitter);
    return Math.max(ownMs, askedDelayMs(asked));
  }
  return retryDelayMs({ attempt, tokenIsValid: isStillValid(currentToken, nowMs), ...asked });
}
