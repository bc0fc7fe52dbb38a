import { randomUUID } from 'node:crypto';
import { performance } from 'node:perf_hooks';
import type { Token } from '../contract/credential.js';
import { defined } from '../contract/defined.js';
import type { Intent, JournalEntry } from '../contract/journal-entry.js';
import { LOG_KEYS } from '../contract/names.js';
import type { RefreshResult } from '../contract/refresh-activity.js';
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
import { type Elapsed, countElapsed } from '../providers/wire/elapsed.js';
import { WireError } from '../providers/wire-error.js';
import { answerWithoutRequest, beginAttempt, ownerOf } from './answer-without-request.js';
import type { AttemptContext } from './attempt-context.js';
import { AttemptTurn } from './attempt-turn.js';
import { bindCredential, type BoundCredential } from './bound-credential.js';
import { judgeAnswer, type JudgedAnswer, judgeWireError } from './judged-answer.js';
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
  readonly #context: AttemptContext;

  constructor(context: AttemptContext) {
    this.#context = context;
  }

  async run(): Promise<RefreshResult> {
    const { deps, request, report, journal } = this.#context;
    const asHeld = await bindCredential(deps, request);
    if ('misconfigured' in asHeld) {
      const { misconfigured, ...problem } = asHeld;
      throw report.withoutAnswer('WorkerMisconfiguredError', misconfigured, problem);
    }
    const beginning = await beginAttempt(this.#context, asHeld);
    const { bound, found, decision } = beginning;
    switch (decision.do) {
      case 'await-answer':
        if (await this.#isAfter(decision.found)) {
          await journal.writeFound(decision.found, decision.untilMs);
        }
        throw report.waits(
          'AwaitingAnswerError',
          'request_may_be_open',
          decision.untilMs - this.#now(),
        );
      case 'hold':
        throw report.waits('RetryAfterHoldError', 'held_back', decision.untilMs - this.#now());
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

  /**
   * Whether it knows when the request that it found is over, so that later attempts need not wait for longer. One that stood
   * still may have been scheduled before that request. The times do not tell where the server's clock was set back.
   */
  async #isAfter(found: Intent): Promise<boolean> {
    const { deps, attempt } = this.#context;
    return attempt.scheduledAtMs >= found.atMs || (await deps.serverStart()) !== undefined;
  }

  async #inTurn(
    turn: AttemptTurn,
    { bound, found, doubtSinceMs }: Pick<ReadyRequest, 'bound' | 'found' | 'doubtSinceMs'>,
  ): Promise<RefreshResult> {
    const { deps, request, attempt, report } = this.#context;
    turn.begin(found);
    const wire = await preparedRequest(bound, turn, report);
    turn.takePlace(wire.url);
    await turn.pace();
    const owned = ownedEntry(ownerOf(request, bound), found, this.#now());
    const ready = { bound, wire, found, owned, doubtSinceMs, turn };
    const isNews = request.journalId === undefined || found === undefined;
    const sent = { sentWithJournal: deps.journal.id };
    return attempt.uncut(sent, isNews, () => this.#send(ready));
  }

  async #send(ready: ReadyRequest): Promise<RefreshResult> {
    const { deps, request, attempt, report, journal } = this.#context;
    const startedAt = performance.now();
    const sentAtMs = this.#now();
    const [intent, elapsedMs] = await this.#recordIntent(ready, sentAtMs);
    const waited = attempt.waitedMs(deps.serverStart);
    const answered = await this.#exchange(ready, sentAtMs, elapsedMs);
    if ('noToken' in answered) {
      return this.#withoutToken(ready, intent, answered.noToken, await waited);
    }

    const { result, doubt } = answered;
    ready.turn.accepted();
    const standing = await journal.record((held) =>
      withAnswer(held, ready.owned, result, intent, doubt),
    );
    deps.metrics.refreshed(request.provider, performance.now() - startedAt);
    report.log('info', 'credential refreshed', {
      [LOG_KEYS.expiresAt]: new Date(result.token.expiresAtMs).toISOString(),
    });
    this.#warnOfMaterial(result.token);
    if (result.token.isLifetimeDoubted === true) {
      report.log('warn', 'lifetime of the answer is not believed; see refresh.maxLifetime');
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

  /**
   * A late attempt sends nothing: the server may have given it up, and another may be about to send. Resolves with the intent, and
   * with the time since the attempt was last seen to be in time.
   */
  async #recordIntent(ready: ReadyRequest, sentAtMs: number): Promise<readonly [Intent, Elapsed]> {
    const { attempt, report, journal } = this.#context;
    const attemptAgeMs = attempt.ageMs();
    if (attemptAgeMs > SEND_WITHIN_MS) {
      throw report.withoutAnswer('TransientRefreshError', 'attempt_too_late');
    }
    const { bound, found, owned, doubtSinceMs } = ready;
    const intent = {
      id: randomUUID(),
      fingerprint: bound.fingerprint,
      atMs: sentAtMs,
      attemptAgeMs,
    };
    await journal.writeIntent(found, intent, withIntent(owned, intent, doubtSinceMs));
    // A process may stand still from here on, too, and see its connection only later.
    const elapsedMs = countElapsed();
    if (attempt.ageMs() - attemptAgeMs > IN_DOUBT_GRACE_MS) {
      await journal.record((held) => withoutIntent(held, intent, owned));
      throw report.withoutAnswer('JournalUnavailableError', 'intent_too_slow');
    }
    return [intent, elapsedMs];
  }

  async #withoutToken(
    { bound, owned, doubtSinceMs, turn }: ReadyRequest,
    intent: Intent,
    noToken: NoToken,
    waitedMs: number | undefined,
  ): Promise<RefreshResult> {
    const { request, attempt, report, journal } = this.#context;
    const clientLookInMs = turn.judged(noToken);
    const { rotates, spendsToken } = bound.provider;
    const { failed, recorded } = consequenceOf({
      request,
      rotates,
      spendsToken,
      entry: owned,
      execution: attempt.execution,
      ...defined({ clientLookInMs }),
      noToken,
      doubtSinceMs,
      fingerprint: intent.fingerprint,
      scheduledAtMs: attempt.scheduledAtMs,
      sentAtMs: intent.atMs,
      nowMs: this.#now(),
      waitedMs,
      jitter: Math.random(),
    });
    const standing = await journal.record((held) =>
      withFailedAttempt(held, owned, intent, recorded),
    );
    const latest = standing?.lineage === owned.lineage ? standing.answer : undefined;
    if (latest !== undefined && latest.generation > request.generation) {
      return this.#recorded(bound, standing, latest);
    }
    throw report.noToken(failed);
  }

  async #exchange(
    { bound, wire, owned }: ReadyRequest,
    sentAtMs: number,
    elapsedMs: Elapsed,
  ): Promise<JudgedAnswer> {
    const { deps, request } = this.#context;
    try {
      const answer = await deps.send(wire, elapsedMs);
      const sent = {
        bound,
        request,
        login: recordedLogin(owned),
        journalId: deps.journal.id,
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
    const { request, report } = this.#context;
    const { materialExpiresAtMs } = token;
    if (materialExpiresAtMs === undefined) return;
    if (!needsNewLoginSoon(request.currentToken, token, this.#now())) return;
    report.log('warn', 'material expires soon, reauthorize with a new login', {
      [LOG_KEYS.materialExpiresAt]: new Date(materialExpiresAtMs).toISOString(),
    });
  }

  #now(): number {
    return this.#context.attempt.clock.now();
  }
}
