import { performance } from 'node:perf_hooks';
import type { FailureType } from '../contract/failures.js';
import type { JournalEntry } from '../contract/journal-entry.js';
import { LOG_KEYS } from '../contract/names.js';
import type { RefreshRequest, RefreshResult } from '../contract/refresh-activity.js';
import { decideAttempt, ownEntry } from '../policy/attempt.js';
import { withAftermath, withAnswer, withIntent } from '../policy/journal-record.js';
import { HTTP_DEADLINE_MS, PREPARE_DEADLINE_MS } from '../policy/numbers.js';
import { retryDelayMs } from '../policy/backoff.js';
import type { WireAnswer, WireRequest } from '../providers/port.js';
import { WireError } from '../providers/wire-error.js';
import { type Attempt, currentAttempt } from './attempt.js';
import { judgeAnswer, judgeWireError, type NoToken } from './judged-answer.js';
import { consequenceOf } from './no-token.js';
import type { RefreshDeps } from './ports.js';
import { refreshFailure } from './refresh-failure.js';
import { gatherSpend, type Spend } from './spend.js';

/**
 * One attempt to refresh a credential: reads the journal, sends at most one request and records it before and
 * after. It never retries by itself; every failure of it says when the next attempt may come.
 */
export class RefreshAttempt {
  readonly #deps: RefreshDeps;
  readonly #request: RefreshRequest;
  readonly #attempt: Attempt;

  constructor(deps: RefreshDeps, request: RefreshRequest) {
    this.#deps = deps;
    this.#request = request;
    this.#attempt = currentAttempt();
  }

  async run(): Promise<RefreshResult> {
    const spend = await gatherSpend(this.#deps, this.#request);
    if ('misconfigured' in spend) {
      throw this.#notSent('WorkerMisconfiguredError', spend.misconfigured);
    }
    const recorded = await this.#readJournal();
    const decision = decideAttempt(
      {
        request: this.#request,
        entry: recorded,
        fingerprint: spend.fingerprint,
        rotates: spend.provider.rotates(spend.config),
        sentByHeartbeat: this.#attempt.sentByHeartbeat,
      },
      this.#now(),
    );
    const entry = ownEntry({ entry: recorded, request: this.#request });
    switch (decision.do) {
      case 'return':
        this.#deps.metrics.answeredFromJournal(this.#request.provider);
        this.#log('info', 'refresh answered from the journal');
        return decision.result;
      case 'wait':
        throw this.#notSent(
          decision.for === 'answer' ? 'AwaitingAnswerError' : 'RetryAfterHoldError',
          decision.for === 'answer' ? 'request_may_be_open' : 'held_back',
          decision.untilMs - this.#now(),
        );
      case 'send':
        return this.#send(spend, entry, decision.doubtSinceMs);
    }
  }

  /** What becomes of an error that nobody foresaw: only its name is kept, since its text may hold anything. */
  unexpected(error: unknown): Error {
    this.#log('warn', 'refresh failed unexpectedly', {
      [LOG_KEYS.failureCode]: error instanceof Error ? error.name : typeof error,
    });
    return this.#notSent('TransientRefreshError', 'unexpected_error');
  }

  async #send(
    spend: Spend,
    entry: JournalEntry | undefined,
    doubtSinceMs: number | undefined,
  ): Promise<RefreshResult> {
    const wire = await this.#prepare(spend);
    return this.#attempt.uncut(async () => {
      const startedAt = performance.now();
      const sentAtMs = this.#now();
      const intent = {
        fingerprint: spend.fingerprint,
        atMs: sentAtMs,
        deadlineAtMs: sentAtMs + HTTP_DEADLINE_MS,
      };
      await this.#writeIntent(withIntent(this.#request, entry, intent, doubtSinceMs));
      const answered = await this.#exchange(spend, wire, sentAtMs);
      if ('result' in answered) {
        await this.#record(withAnswer(this.#request, answered.result));
        this.#deps.metrics.refreshed(this.#request.provider, performance.now() - startedAt);
        this.#log('info', 'credential refreshed', {
          [LOG_KEYS.expiresAt]: new Date(answered.result.token.expiresAtMs).toISOString(),
        });
        return answered.result;
      }
      const { noToken } = answered;
      const consequence = consequenceOf({
        request: this.#request,
        spend,
        entry,
        noToken,
        doubtSinceMs: doubtSinceMs ?? (noToken.leavesDoubt ? sentAtMs : undefined),
        nowMs: this.#now(),
        clockLagMs: this.#attempt.clockLagMs,
        jitter: Math.random(),
      });
      await this.#record(withAftermath(this.#request, entry, consequence.aftermath));
      this.#failed(consequence.type, consequence.code, noToken.httpStatus);
      throw consequence.failure;
    });
  }

  /** Everything before the request; a look-up that fails has spent nothing. */
  async #prepare(spend: Spend): Promise<WireRequest> {
    try {
      return await withinDeadline(
        spend.provider.prepare(spend.config, spend.material, this.#deps.lookUp),
      );
    } catch (error) {
      throw error instanceof WireError
        ? this.#notSent('TransientRefreshError', 'look_up_failed')
        : this.#notSent('WorkerMisconfiguredError', 'unusable_material');
    }
  }

  async #exchange(
    spend: Spend,
    wire: WireRequest,
    sentAtMs: number,
  ): Promise<{ readonly result: RefreshResult } | { readonly noToken: NoToken }> {
    let answer: WireAnswer;
    try {
      answer = await this.#deps.send(wire);
    } catch (error) {
      if (error instanceof WireError) return { noToken: judgeWireError(error) };
      throw error;
    }
    return judgeAnswer(spend, this.#request, answer, sentAtMs);
  }

  async #readJournal(): Promise<JournalEntry | undefined> {
    try {
      return await this.#deps.journal.read(this.#request.credentialId);
    } catch {
      throw this.#notSent('JournalUnavailableError', 'journal_unreadable');
    }
  }

  /** Without a durable intent no request goes out: a crash would hide it. */
  async #writeIntent(entry: JournalEntry): Promise<void> {
    try {
      await this.#deps.journal.write(this.#request.credentialId, entry);
    } catch {
      this.#deps.metrics.journalWriteFailed(this.#request.provider);
      throw this.#notSent('JournalUnavailableError', 'intent_not_written');
    }
  }

  /** What came back is handed on even if it cannot be recorded: Temporal will have it in a moment. */
  async #record(entry: JournalEntry): Promise<void> {
    try {
      await this.#deps.journal.write(this.#request.credentialId, entry);
    } catch {
      this.#deps.metrics.journalWriteFailed(this.#request.provider);
      this.#log('warn', 'outcome of a refresh could not be journaled');
    }
  }

  #notSent(type: FailureType, code: string, waitMs?: number): Error {
    const nowMs = this.#now();
    const token = this.#request.currentToken;
    this.#failed(type, code, undefined);
    return refreshFailure({
      type,
      code,
      provider: this.#request.provider,
      credentialId: this.#request.credentialId,
      atMs: nowMs,
      retryInMs:
        waitMs ??
        retryDelayMs({
          attempt: this.#attempt.number,
          tokenIsValid: token !== undefined && token.expiresAtMs > nowMs,
          jitter: Math.random(),
        }),
    });
  }

  #failed(type: FailureType, code: string, httpStatus: number | undefined): void {
    this.#deps.metrics.failed(this.#request.provider, type, code);
    this.#log('warn', 'refresh made no token', {
      [LOG_KEYS.failureType]: type,
      [LOG_KEYS.failureCode]: code,
      ...(httpStatus === undefined ? {} : { [LOG_KEYS.httpStatus]: httpStatus }),
    });
  }

  #log(level: 'info' | 'warn', message: string, facts: Record<string, unknown> = {}): void {
    this.#deps.log[level](message, {
      [LOG_KEYS.credentialId]: this.#request.credentialId,
      [LOG_KEYS.provider]: this.#request.provider,
      [LOG_KEYS.generation]: this.#request.generation,
      [LOG_KEYS.attempt]: this.#attempt.number,
      ...facts,
    });
  }

  #now(): number {
    return this.#attempt.clock.now();
  }
}

async function withinDeadline<Result>(work: Promise<Result>): Promise<Result> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => {
      reject(new WireError('look_up_failed', false));
    }, PREPARE_DEADLINE_MS);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
