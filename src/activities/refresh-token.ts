import { performance } from 'node:perf_hooks';
import type { Token } from '../contract/credential.js';
import type { Intent, JournalEntry } from '../contract/journal-entry.js';
import { LOG_KEYS } from '../contract/names.js';
import type { RefreshRequest, RefreshResult } from '../contract/refresh-activity.js';
import { type AttemptDecision, decideAttempt, ownEntry } from '../policy/attempt.js';
import { withAftermath, withAnswer, withIntent, withoutIntent } from '../policy/journal-record.js';
import { HTTP_DEADLINE_MS, IN_DOUBT_GRACE_MS, SEND_WITHIN_MS } from '../policy/numbers.js';
import { needsNewLoginSoon } from '../policy/refresh-time.js';
import type { WireRequest } from '../providers/port.js';
import { WireError } from '../providers/wire-error.js';
import { type Attempt, currentAttempt } from './attempt.js';
import { AttemptJournal } from './attempt-journal.js';
import { AttemptReport } from './attempt-report.js';
import { judgeAnswer, type JudgedAnswer, judgeWireError, type NoToken } from './judged-answer.js';
import { consequenceOf } from './no-token.js';
import type { RefreshDeps } from './ports.js';
import { preparedRequest } from './prepared-request.js';
import { gatherSpend, type Spend } from './spend.js';

/** What an attempt knows when its request is about to go out. */
interface Departure {
  readonly spend: Spend;
  readonly wire: WireRequest;
  /** What the attempt found in the journal, whosesoever it is. */
  readonly found: JournalEntry | undefined;
  /** The same if it is this credential's own. */
  readonly entry: JournalEntry | undefined;
  readonly doubtSinceMs: number | undefined;
}

/**
 * One attempt to refresh a credential: reads the journal, sends at most one request and records it before and
 * after. It never retries by itself; every failure of it says when the next attempt may come.
 */
export class RefreshAttempt {
  readonly #deps: RefreshDeps;
  readonly #request: RefreshRequest;
  readonly #attempt: Attempt;
  readonly #report: AttemptReport;
  readonly #journal: AttemptJournal;

  constructor(deps: RefreshDeps, request: RefreshRequest) {
    this.#deps = deps;
    this.#request = request;
    this.#attempt = currentAttempt();
    this.#report = new AttemptReport(deps, request, this.#attempt);
    this.#journal = new AttemptJournal(deps, request, this.#report);
  }

  async run(): Promise<RefreshResult> {
    const spend = await gatherSpend(this.#deps, this.#request);
    if ('misconfigured' in spend) {
      throw this.#report.notSent('WorkerMisconfiguredError', spend.misconfigured);
    }
    const found = await this.#journal.read();
    const decision = this.#decide(spend, found);
    switch (decision.do) {
      case 'return':
        return this.#fromJournal(decision.result);
      case 'await-answer':
        await this.#journal.writeFound(decision.found, this.#now());
        throw this.#report.notSent(
          'AwaitingAnswerError',
          'request_may_be_open',
          decision.untilMs - this.#now(),
        );
      case 'hold':
        throw this.#report.notSent(
          'RetryAfterHoldError',
          'held_back',
          decision.untilMs - this.#now(),
        );
      case 'send': {
        const wire = await preparedRequest(spend, this.#deps.lookUp, this.#report);
        const { doubtSinceMs } = decision;
        const departure = { spend, wire, found, entry: this.#own(found), doubtSinceMs };
        return this.#attempt.uncut(() => this.#send(departure));
      }
    }
  }

  /** What becomes of an attempt that begins while another one of this process runs: it comes back for the answer. */
  overlapping(): Error {
    return this.#report.notSent('AwaitingAnswerError', 'request_may_be_open');
  }

  /** What becomes of an error that nobody foresaw: only its name is kept, since its text may hold anything. */
  unexpected(error: unknown): Error {
    this.#report.log('warn', 'refresh failed unexpectedly', {
      [LOG_KEYS.failureCode]: error instanceof Error ? error.name : typeof error,
    });
    return this.#report.notSent('TransientRefreshError', 'unexpected_error');
  }

  #decide(spend: Spend, entry: JournalEntry | undefined): AttemptDecision {
    // A force is for one request: what the provider has asked for since then holds the next one back.
    const reason = this.#attempt.number === 1 ? this.#request.reason : 'due';
    return decideAttempt(
      {
        request: { ...this.#request, reason },
        entry,
        fingerprint: spend.fingerprint,
        rotates: spend.provider.rotates(spend.config),
        sentByHeartbeat: this.#attempt.sentByHeartbeat,
      },
      this.#now(),
    );
  }

  async #send(departure: Departure): Promise<RefreshResult> {
    const startedAt = performance.now();
    const sentAtMs = this.#now();
    const intent = await this.#recordIntent(departure, sentAtMs);
    const answered = await this.#exchange(departure, sentAtMs);
    if ('noToken' in answered) return this.#withoutToken(departure, intent, answered.noToken);

    const { result } = answered;
    await this.#journal.record((held) => withAnswer(this.#request, held, result));
    this.#deps.metrics.refreshed(this.#request.provider, performance.now() - startedAt);
    this.#report.log('info', 'credential refreshed', {
      [LOG_KEYS.expiresAt]: new Date(result.token.expiresAtMs).toISOString(),
    });
    this.#warnOfMaterial(result.token);
    return result;
  }

  /** A late attempt sends nothing: the server may have given it up, and another may be about to send. */
  async #recordIntent(departure: Departure, sentAtMs: number): Promise<Intent> {
    if (this.#attempt.ageMs() > SEND_WITHIN_MS) {
      throw this.#report.notSent('TransientRefreshError', 'attempt_too_late');
    }
    const { spend, found, entry, doubtSinceMs } = departure;
    const intent = {
      fingerprint: spend.fingerprint,
      atMs: sentAtMs,
      deadlineAtMs: sentAtMs + this.#attempt.clockLagMs + HTTP_DEADLINE_MS,
    };
    const owned = withIntent(this.#request, entry, intent, doubtSinceMs);
    await this.#journal.writeIntent(found, intent, owned);
    if (this.#now() - sentAtMs > IN_DOUBT_GRACE_MS) {
      await this.#journal.record((held) => withoutIntent(this.#request, held, intent, entry));
      throw this.#report.notSent('JournalUnavailableError', 'intent_too_slow');
    }
    return intent;
  }

  async #withoutToken(
    { spend, entry, doubtSinceMs }: Departure,
    intent: Intent,
    noToken: NoToken,
  ): Promise<RefreshResult> {
    const consequence = consequenceOf({
      request: this.#request,
      spend,
      entry,
      noToken,
      doubtSinceMs: doubtSinceMs ?? (noToken.leavesDoubt ? intent.atMs : undefined),
      nowMs: this.#now(),
      clockLagMs: this.#attempt.clockLagMs,
      jitter: Math.random(),
    });
    const standing = await this.#journal.record((held) =>
      withAftermath(this.#request, held, intent, consequence.aftermath),
    );
    // Should two attempts overlap after all, what the other was granted is the outcome of the refused one too.
    const latest = this.#own(standing)?.answer;
    if (latest !== undefined && latest.generation > this.#request.generation) {
      return this.#fromJournal(latest);
    }
    this.#report.failed(consequence.type, consequence.code, noToken.httpStatus);
    throw consequence.failure;
  }

  async #exchange({ spend, wire }: Departure, sentAtMs: number): Promise<JudgedAnswer> {
    try {
      const answer = await this.#deps.send(wire);
      return judgeAnswer(spend, this.#request, answer, sentAtMs);
    } catch (error) {
      if (error instanceof WireError) return { noToken: judgeWireError(error) };
      throw error;
    }
  }

  /** A refresh cannot prolong it, and once it has expired the keeper ends. */
  #warnOfMaterial(token: Token): void {
    const { materialExpiresAtMs } = token;
    if (materialExpiresAtMs === undefined) return;
    if (!needsNewLoginSoon(this.#request.currentToken, token, this.#now())) return;
    this.#report.log('warn', 'material expires soon, reauthorize with a new login', {
      [LOG_KEYS.materialExpiresAt]: new Date(materialExpiresAtMs).toISOString(),
    });
  }

  #fromJournal(result: RefreshResult): RefreshResult {
    this.#deps.metrics.answeredFromJournal(this.#request.provider);
    this.#report.log('info', 'refresh answered from the journal');
    return result;
  }

  #own(entry: JournalEntry | undefined): JournalEntry | undefined {
    return ownEntry({ entry, request: this.#request });
  }

  #now(): number {
    return this.#attempt.clock.now();
  }
}
