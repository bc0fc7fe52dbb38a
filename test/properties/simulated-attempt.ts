import type { ApplicationFailure } from '@temporalio/common';
import { clockLagMs } from '../../src/activities/attempt-clock.js';
import {
  judgeAnswer,
  type JudgedAnswer,
  judgeWireError,
} from '../../src/activities/judged-answer.js';
import { consequenceOf } from '../../src/activities/no-token.js';
import { refreshFailure } from '../../src/activities/refresh-failure.js';
import type { Spend } from '../../src/activities/spend.js';
import type { JournalEntry } from '../../src/contract/journal-entry.js';
import type { RefreshRequest, RefreshResult } from '../../src/contract/refresh-activity.js';
import { type AttemptDecision, decideAttempt, ownEntry } from '../../src/policy/attempt.js';
import {
  withAftermath,
  withAnswer,
  withFoundIntent,
  withIntent,
} from '../../src/policy/journal-record.js';
import { HEARTBEAT_TIMEOUT_MS, HTTP_DEADLINE_MS } from '../../src/policy/numbers.js';
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
  readonly sentByHeartbeat: boolean;
  readonly scheduledAtMs: number;
  readonly jitter: number;
}

const provider = createProviderRegistry(builtInProviders).get('oauth2');
const config = provider.configSchema.parse({ issuer: 'https://id.example', clientId: 'client' });
const spend: Spend = { provider, config, material: { refreshToken: 'r' }, fingerprint: 'spent' };

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

  run(attempt: ScheduledAttempt, fate: Fate): AttemptEnd {
    const { request, number, sentByHeartbeat, scheduledAtMs } = attempt;
    const reason = number === 1 ? request.reason : 'due';
    const decision = decideAttempt(
      {
        request: { ...request, reason },
        entry: this.#entry,
        fingerprint: spend.fingerprint,
        rotates: provider.rotates(config),
        sentByHeartbeat,
      },
      scheduledAtMs,
    );
    if (decision.do === 'send') return this.#send(attempt, fate, decision.doubtSinceMs);
    if (decision.do === 'await-answer') {
      this.#entry = withFoundIntent(decision.found, this.#entry, scheduledAtMs) ?? this.#entry;
    }
    return { atMs: scheduledAtMs + fate.pickUpMs, hasSent: false, ...unsent(attempt, decision) };
  }

  #send(attempt: ScheduledAttempt, fate: Fate, doubtSinceMs: number | undefined): AttemptEnd {
    const { request, scheduledAtMs: sentAtMs } = attempt;
    const entry = ownEntry({ entry: this.#entry, request });
    const lagMs = clockLagMs(sentAtMs, sentAtMs + fate.pickUpMs + fate.clockAheadMs);
    const intent = {
      fingerprint: spend.fingerprint,
      atMs: sentAtMs,
      deadlineAtMs: sentAtMs + lagMs + HTTP_DEADLINE_MS,
    };
    this.#entry = withIntent(request, entry, intent, doubtSinceMs);
    const atMs = sentAtMs + fate.pickUpMs + fate.answerMs;
    const end = { atMs, hasSent: true };
    const lost = { atMs: atMs + HEARTBEAT_TIMEOUT_MS, hasSent: true };
    if (fate.end === 'killed-before-the-answer') return lost;

    const judged = judgedOf(fate.end, request, sentAtMs);
    if ('result' in judged) {
      this.#entry = withAnswer(request, this.#entry, judged.result);
      return fate.end === 'killed-after-the-journal' ? lost : { ...end, result: judged.result };
    }
    const { noToken } = judged;
    const consequence = consequenceOf({
      request,
      spend,
      entry,
      noToken,
      doubtSinceMs: doubtSinceMs ?? (noToken.leavesDoubt ? sentAtMs : undefined),
      nowMs: sentAtMs + fate.answerMs,
      clockLagMs: lagMs,
      jitter: attempt.jitter,
    });
    this.#entry = withAftermath(request, this.#entry, intent, consequence.aftermath);
    return { ...end, failure: consequence.failure };
  }
}

function judgedOf(
  end: Exclude<Fate['end'], 'killed-before-the-answer'>,
  request: RefreshRequest,
  sentAtMs: number,
): JudgedAnswer {
  if (end === 'killed-after-the-journal') {
    return judgeAnswer(spend, request, tokenAnswer('3600'), sentAtMs);
  }
  return 'answer' in end
    ? judgeAnswer(spend, request, end.answer, sentAtMs)
    : { noToken: judgeWireError(end.wireError) };
}

function unsent(
  { request, scheduledAtMs }: ScheduledAttempt,
  decision: Exclude<AttemptDecision, { do: 'send' }>,
): Pick<AttemptEnd, 'result' | 'failure'> {
  if (decision.do === 'return') return { result: decision.result };
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
