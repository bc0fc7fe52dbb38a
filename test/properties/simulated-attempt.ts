import type { ApplicationFailure } from '@temporalio/common';
import { isWaitNoticed } from '../../src/activities/attempt-clock.js';
import type { BoundCredential } from '../../src/activities/bound-credential.js';
import {
  judgeAnswer,
  type JudgedAnswer,
  judgeWireError,
  type Sent,
} from '../../src/activities/judged-answer.js';
import { refreshFailure } from '../../src/activities/refresh-failure.js';
import type { JournalEntry } from '../../src/contract/journal-entry.js';
import type { RefreshRequest, RefreshResult } from '../../src/contract/refresh-activity.js';
import { type AttemptDecision, decideAttempt } from '../../src/policy/attempt-decision.js';
import {
  recordedLogin,
  ownedEntry,
  withFailedAttempt,
  withFoundIntent,
  withIntent,
} from '../../src/policy/journal-record.js';
import { consequenceOf } from '../../src/policy/no-token.js';
import { HEARTBEAT_TIMEOUT_MS } from '../../src/policy/attempt-numbers.js';
import { withAnswer } from '../../src/policy/recorded-answer.js';
import { builtInProviders } from '../../src/providers/index.js';
import type { WireAnswer } from '../../src/providers/port.js';
import { createProviderRegistry } from '../../src/providers/registry.js';
import type { WireError } from '../../src/providers/wire-error.js';

/** What happens to one attempt. Times in milliseconds. */
export interface Fate {
  /** How long it waits for a worker; its clock runs late by as much. */
  readonly pickUpMs: number;
  /** By how much its worker's wall clock runs ahead of the server's; behind where negative. */
  readonly clockAheadMs: number;
  readonly answerMs: number;
  readonly end:
    | { readonly answer: WireAnswer }
    | { readonly wireError: WireError }
    | 'killed-before-the-answer'
    | 'killed-after-the-journal';
}

/** How an attempt ends for the Temporal server; neither result nor failure: it died without a word. */
export interface AttemptEnd {
  readonly atMs: number;
  readonly hasSent: boolean;
  readonly result?: RefreshResult;
  readonly failure?: ApplicationFailure;
}

/** An attempt as the server schedules it. */
export interface ScheduledAttempt {
  readonly request: RefreshRequest;
  readonly number: number;
  /** An earlier attempt of the execution reported its request as sent. */
  readonly hasSent: boolean;
  readonly scheduledAtMs: number;
  readonly jitter: number;
}

const JOURNAL_ID = 'journal-1';
const provider = createProviderRegistry(builtInProviders)
  .get('oauth2')
  .configure({ issuer: 'https://id.example', clientId: 'client' });
const bound: BoundCredential = {
  provider,
  material: { refreshToken: 'r' },
  onlyTo: [],
  fingerprint: 'spent',
  heldFingerprint: 'spent',
  settings: 'settings',
};

/** An answer with a token; its life is the JSON that is given. */
export function tokenAnswer(lifetimeJson: string): WireAnswer {
  const text = `{"access_token":"a","token_type":"Bearer","expires_in":${lifetimeJson}}`;
  return { status: 200, headers: {}, text };
}

/** A token for an hour, at once. */
export const HEALTHY: Fate = {
  pickUpMs: 0,
  clockAheadMs: 0,
  answerMs: 0,
  end: { answer: tokenAnswer('3600') },
};

/** The attempts of one credential on a virtual clock, decided and judged by the product's own policy. */
export class SimulatedAttempts {
  #entry: JournalEntry | undefined;
  #intents = 0;
  #executions = 0;

  run(attempt: ScheduledAttempt, fate: Fate): AttemptEnd {
    const { request, number, hasSent, scheduledAtMs } = attempt;
    if (number === 1) this.#executions += 1;
    const decision = decideAttempt(
      {
        request,
        execution: this.#execution,
        entry: this.#entry,
        fingerprint: bound.fingerprint,
        spendsSuccessor: false,
        settings: bound.settings,
        leftBy: () => undefined,
        rotates: provider.rotates,
        spendsToken: provider.spendsToken,
        journalId: JOURNAL_ID,
        sentWithJournal: hasSent ? JOURNAL_ID : undefined,
        scheduledAtMs,
      },
      scheduledAtMs,
    );
    if (decision.do === 'send') return this.#send(attempt, fate, decision.doubtSinceMs);
    if (decision.do === 'await-answer') {
      this.#entry = withFoundIntent(decision.found, this.#entry, decision.untilMs) ?? this.#entry;
    }
    return { atMs: scheduledAtMs + fate.pickUpMs, hasSent: false, ...unsent(attempt, decision) };
  }

  get #execution(): string {
    return `execution-${this.#executions}`;
  }

  #send(attempt: ScheduledAttempt, fate: Fate, doubtSinceMs: number | undefined): AttemptEnd {
    const { request, scheduledAtMs: sentAtMs } = attempt;
    const owned = ownedEntry({ ...request, settings: bound.settings }, this.#entry, sentAtMs);
    const wallClockMs = sentAtMs + fate.pickUpMs + fate.clockAheadMs;
    const waitedMs = isWaitNoticed(sentAtMs, wallClockMs) ? fate.pickUpMs : 0;
    this.#intents += 1;
    const intent = {
      id: `intent-${this.#intents}`,
      fingerprint: bound.fingerprint,
      atMs: sentAtMs,
      attemptAgeMs: 0,
    };
    this.#entry = withIntent(owned, intent, doubtSinceMs);
    const atMs = sentAtMs + fate.pickUpMs + fate.answerMs;
    const end = { atMs, hasSent: true };
    const lost = { atMs: atMs + HEARTBEAT_TIMEOUT_MS, hasSent: true };
    if (fate.end === 'killed-before-the-answer') return lost;

    const judged = judgedOf(fate.end, {
      bound,
      request,
      login: recordedLogin(owned),
      journalId: JOURNAL_ID,
      sentAtMs,
      jitter: attempt.jitter,
    });
    if ('result' in judged) {
      this.#entry = withAnswer(this.#entry, owned, judged.result, intent) ?? this.#entry;
      return fate.end === 'killed-after-the-journal'
        ? lost
        : { ...end, result: { ...judged.result, waitedMs } };
    }
    const { noToken } = judged;
    const consequence = consequenceOf({
      request,
      rotates: provider.rotates,
      spendsToken: provider.spendsToken,
      entry: owned,
      execution: this.#execution,
      noToken,
      doubtSinceMs,
      fingerprint: bound.fingerprint,
      scheduledAtMs: sentAtMs,
      sentAtMs,
      nowMs: sentAtMs + fate.answerMs,
      waitedMs,
      jitter: attempt.jitter,
    });
    this.#entry =
      withFailedAttempt(this.#entry, owned, intent, consequence.recorded) ?? this.#entry;
    return { ...end, failure: refreshFailure(consequence.failed) };
  }
}

function judgedOf(end: Exclude<Fate['end'], 'killed-before-the-answer'>, sent: Sent): JudgedAnswer {
  if (end === 'killed-after-the-journal') return judgeAnswer(sent, tokenAnswer('3600'));
  return 'answer' in end
    ? judgeAnswer(sent, end.answer)
    : { noToken: judgeWireError(end.wireError) };
}

function unsent(
  { request, scheduledAtMs }: ScheduledAttempt,
  decision: Exclude<AttemptDecision, { do: 'send' }>,
): Pick<AttemptEnd, 'result' | 'failure'> {
  if (decision.do === 'return') return { result: decision.result };
  if (decision.do !== 'await-answer' && decision.do !== 'hold') {
    throw new Error(`a keeper that forgets nothing is not refused [${decision.do}]`);
  }
  const failure = refreshFailure({
    ...(decision.do === 'await-answer'
      ? { type: 'AwaitingAnswerError', code: 'request_may_be_open' }
      : { type: 'RetryAfterHoldError', code: 'held_back' }),
    provider: request.provider,
    credentialId: request.credentialId,
    atMs: scheduledAtMs,
    retryInMs: decision.untilMs - scheduledAtMs,
  });
  return { failure };
}
