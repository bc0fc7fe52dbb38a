import { randomUUID } from 'node:crypto';
import { performance } from 'node:perf_hooks';
import type { Token } from '../contract/credential.js';
import { defined } from '../contract/defined.js';
import type { Intent, JournalEntry } from '../contract/journal-entry.js';
import { LOG_KEYS } from '../contract/names.js';
import type { RefreshRequest, RefreshResult } from '../contract/refresh-activity.js';
import { IN_DOUBT_GRACE_MS, SEND_WITHIN_MS } from '../policy/attempt-numbers.js';
import {
  recordedLogin,
  ownedEntry,
  withFailedAttempt,
  withIntent,
  withoutIntent,
} from '../policy/journal-record.js';
import { consequenceOf, type NoToken } from '../policy/no-token.js';
import { isNewer, withAnswer } from '../policy/recorded-answer.js';
import { needsNewLoginSoon } from '../policy/refresh-time.js';
import type { WireRequest } from '../providers/port.js';
import { WireError } from '../providers/wire-error.js';
import { answerWithoutRequest, beginAttempt, ownerOf } from './answer-without-request.js';
import type { AttemptContext } from './attempt-context.js';
import type { AttemptJournal } from './attempt-journal.js';
import type { AttemptReport } from './attempt-report.js';
import { AttemptTurn } from './attempt-turn.js';
import { bindCredential, type BoundCredential } from './bound-credential.js';
import type { Attempt } from './current-attempt.js';
import { judgeAnswer, type JudgedAnswer, judgeWireError } from './judged-answer.js';
import type { RefreshDeps } from './ports.js';
import { preparedRequest } from './prepared-request.js';

/** What an attempt knows when its request is about to go out. */
interface ReadyRequest {
  readonly bound: BoundCredential;
  readonly wire: WireRequest;
  /** What the attempt found in the journal. */
  readonly found: JournalEntry | undefined;
  /** The entry as this attempt goes on with it. */
  readonly owned: JournalEntry;
  readonly doubtSinceMs: number | undefined;
  readonly turn: AttemptTurn;
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

  readonly #context: AttemptContext;

  constructor(context: AttemptContext) {
    this.#context = context;
    this.#deps = context.deps;
    this.#request = context.request;
    this.#attempt = context.attempt;
    this.#report = context.report;
    this.#journal = context.journal;
  }

  async run(): Promise<RefreshResult> {
    const asHeld = await bindCredential(this.#deps, this.#request);
    if ('misconfigured' in asHeld) {
      throw this.#report.notSent('WorkerMisconfiguredError', asHeld.misconfigured);
    }
    const beginning = await beginAttempt(this.#context, asHeld);
    const { bound, found, decision } = beginning;
    switch (decision.do) {
      case 'await-answer':
        await this.#journal.writeFound(decision.found, decision.untilMs);
        throw this.#report.waits(
          'AwaitingAnswerError',
          'request_may_be_open',
          decision.untilMs - this.#now(),
        );
      case 'hold':
        throw this.#report.waits(
          'RetryAfterHoldError',
          'held_back',
          decision.untilMs - this.#now(),
        );
      case 'send': {
        const turn = new AttemptTurn(this.#context, bound.client);
        return this.#inTurn(turn, { bound, found, doubtSinceMs: decision.doubtSinceMs }).finally(
          () => turn.end(),
        );
      }
      default:
        return answerWithoutRequest(this.#context, beginning, decision);
    }
  }

  async #inTurn(
    turn: AttemptTurn,
    { bound, found, doubtSinceMs }: Pick<ReadyRequest, 'bound' | 'found' | 'doubtSinceMs'>,
  ): Promise<RefreshResult> {
    turn.begin(found);
    const wire = await preparedRequest(bound, turn, this.#report);
    turn.takePlace(wire.url);
    await turn.pace();
    const owned = ownedEntry(ownerOf(this.#request, bound), found, this.#now());
    const ready = { bound, wire, found, owned, doubtSinceMs, turn };
    const isNews = this.#request.journalId === undefined || found === undefined;
    const sent = { sentWithJournal: this.#deps.journal.id };
    return this.#attempt.uncut(sent, isNews, () => this.#send(ready));
  }

  async #send(ready: ReadyRequest): Promise<RefreshResult> {
    const startedAt = performance.now();
    const sentAtMs = this.#now();
    const intent = await this.#recordIntent(ready, sentAtMs);
    const waited = this.#attempt.waitedMs(this.#deps.serverStart);
    const answered = await this.#exchange(ready, sentAtMs);
    if ('noToken' in answered) {
      return this.#withoutToken(ready, intent, answered.noToken, await waited);
    }

    const { result, doubt } = answered;
    ready.turn.accepted();
    const standing = await this.#journal.record((held) =>
      withAnswer(held, ready.owned, result, intent, doubt),
    );
    this.#deps.metrics.refreshed(this.#request.provider, performance.now() - startedAt);
    this.#report.log('info', 'credential refreshed', {
      [LOG_KEYS.expiresAt]: new Date(result.token.expiresAtMs).toISOString(),
    });
    this.#warnOfMaterial(result.token);
    if (result.token.isLifetimeDoubted === true) {
      this.#report.log('warn', 'lifetime of the answer is not believed; see refresh.maxLifetime');
    }
    const latest = standing?.lineage === result.lineage ? standing.answer : undefined;
    if (latest !== undefined && !isNewer(result, latest)) {
      return this.#recorded(ready.bound, standing, latest);
    }
    return { ...result, waitedMs: (await waited) ?? 0 };
  }

  /** Should two attempts overlap after all, the newest answer is the outcome of both. */
  #recorded(
    bound: BoundCredential,
    found: JournalEntry | undefined,
    result: RefreshResult,
  ): Promise<RefreshResult> {
    const decision = { do: 'return', result } as const;
    return answerWithoutRequest(this.#context, { bound, found, decision }, decision);
  }

  /** A late attempt sends nothing: the server may have given it up, and another may be about to send. */
  async #recordIntent(ready: ReadyRequest, sentAtMs: number): Promise<Intent> {
    const attemptAgeMs = this.#attempt.ageMs();
    if (attemptAgeMs > SEND_WITHIN_MS) {
      throw this.#report.notSent('TransientRefreshError', 'attempt_too_late');
    }
    const { bound, found, owned, doubtSinceMs } = ready;
    const intent = {
      id: randomUUID(),
      fingerprint: bound.fingerprint,
      atMs: sentAtMs,
      attemptAgeMs,
    };
    await this.#journal.writeIntent(found, intent, withIntent(owned, intent, doubtSinceMs));
    if (this.#now() - sentAtMs > IN_DOUBT_GRACE_MS) {
      await this.#journal.record((held) => withoutIntent(held, intent, owned));
      throw this.#report.notSent('JournalUnavailableError', 'intent_too_slow');
    }
    return intent;
  }

  async #withoutToken(
    { bound, owned, doubtSinceMs, turn }: ReadyRequest,
    intent: Intent,
    noToken: NoToken,
    waitedMs: number | undefined,
  ): Promise<RefreshResult> {
    const clientLookInMs = turn.judged(noToken);
    const { rotates, spendsToken } = bound.provider;
    const { failed, recorded } = consequenceOf({
      request: this.#request,
      rotates,
      spendsToken,
      entry: owned,
      execution: this.#attempt.execution,
      ...defined({ clientLookInMs }),
      noToken,
      doubtSinceMs,
      sentAtMs: intent.atMs,
      nowMs: this.#now(),
      waitedMs,
      jitter: Math.random(),
    });
    const standing = await this.#journal.record((held) =>
      withFailedAttempt(held, owned, intent, recorded),
    );
    const latest = standing?.lineage === owned.lineage ? standing.answer : undefined;
    if (latest !== undefined && latest.generation > this.#request.generation) {
      return this.#recorded(bound, standing, latest);
    }
    throw this.#report.noToken(failed);
  }

  async #exchange({ bound, wire, owned }: ReadyRequest, sentAtMs: number): Promise<JudgedAnswer> {
    try {
      const answer = await this.#deps.send(wire);
      const sent = {
        bound,
        request: this.#request,
        login: recordedLogin(owned),
        journalId: this.#deps.journal.id,
        sentAtMs,
        jitter: Math.random(),
      };
      return judgeAnswer(sent, answer);
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

  #now(): number {
    return this.#attempt.clock.now();
  }
}
