import type { ApplicationFailure } from '@temporalio/activity';
import { defined } from '../contract/defined.js';
import type { FailureCode, FailureDetails, FailureType } from '../contract/failures.js';
import { LOG_KEYS } from '../contract/names.js';
import type { RefreshRequest } from '../contract/refresh-activity.js';
import { retryDelayMs, waitWithinLifeMs } from '../policy/backoff.js';
import { endsExecution, type FailedRefresh } from '../policy/failed-refresh.js';
import { isStillValid } from '../policy/validity.js';
import type { Attempt } from './current-attempt.js';
import { loggedProblem, type Problem } from './misconfiguration.js';
import type { RefreshDeps } from './ports.js';
import { refreshFailure } from './refresh-failure.js';
import type { Rejection } from './secret-standing.js';

/** What a failure says beside its type and code; without `waitMs` the next attempt comes after the usual backoff. */
interface WithoutAnswerFacts
  extends
    Pick<FailureDetails, 'application' | 'journalId' | 'replacedAtMs' | 'doubtSinceMs'>,
    Problem {
  readonly waitMs?: number;
}

type ReportDeps = Pick<RefreshDeps, 'log' | 'metrics' | 'providers'>;

/** What one attempt says of itself: to the log, to the metrics, and as failures. */
export class AttemptReport {
  readonly #deps: ReportDeps;
  readonly #request: RefreshRequest;
  readonly #attempt: Attempt;

  constructor(deps: ReportDeps, request: RefreshRequest, attempt: Attempt) {
    this.#deps = deps;
    this.#request = request;
    this.#attempt = attempt;
  }

  log(level: 'info' | 'warn', message: string, facts: Record<string, unknown> = {}): void {
    this.#deps.log[level](message, {
      [LOG_KEYS.credentialId]: this.#request.credentialId,
      [LOG_KEYS.provider]: this.#request.provider,
      [LOG_KEYS.generation]: this.#request.generation,
      [LOG_KEYS.attempt]: this.#attempt.number,
      ...facts,
    });
  }

  /** The failure of an attempt that got no token since something is wrong, whether or not it sent a request. */
  noToken(failed: FailedRefresh, problem: Problem = {}): ApplicationFailure {
    const { type, code, httpStatus } = failed;
    this.log('warn', 'refresh made no token', {
      [LOG_KEYS.failureType]: type,
      [LOG_KEYS.failureCode]: code,
      ...defined({ [LOG_KEYS.httpStatus]: httpStatus }),
      ...loggedProblem(problem),
    });
    return this.#counted(failed);
  }

  /** The failure of an attempt that no answer explains: it sent no request, or failed unexpectedly. */
  withoutAnswer(
    type: FailureType,
    code: FailureCode,
    facts: WithoutAnswerFacts = {},
  ): ApplicationFailure {
    const { waitMs, problem, error, ...more } = facts;
    const nowMs = this.#attempt.clock.now();
    const { provider, credentialId } = this.#request;
    const retryInMs = endsExecution({ type })
      ? undefined
      : this.#waitMs(waitMs ?? this.#backoffMs(nowMs), nowMs);
    return this.noToken(
      { type, code, provider, credentialId, atMs: nowMs, ...more, ...defined({ retryInMs }) },
      defined({ problem, error }),
    );
  }

  /** The failure of an attempt that keeps a wait. Nothing went wrong in it: what did was told before. */
  waits(
    type: 'AwaitingAnswerError' | 'RetryAfterHoldError',
    code: FailureCode,
    waitMs: number,
  ): ApplicationFailure {
    return this.#comesBack('refresh waits, and has sent nothing', { type, code }, waitMs);
  }

  /** The failure of an attempt that lets others go first. Nothing went wrong: many share hosts and clients. */
  turnAwaited(code: FailureCode, waitMs: number): ApplicationFailure {
    return this.#comesBack('refresh awaits its turn', { type: 'TurnAwaitedError', code }, waitMs);
  }

  /**
   * The failure of an attempt that sent nothing because its client was rejected for another credential. It ends the
   * execution once, so that the keeper can show it. Later looks are retries of the server, which cost no history.
   */
  clientRejected({ code, httpStatus, atMs }: Rejection, retryInMs: number): ApplicationFailure {
    this.log('info', 'refresh awaits a repaired client', { [LOG_KEYS.failureCode]: code });
    return this.#quietly({
      type: 'ClientRejectedError',
      code,
      clientRejectedAtMs: atMs,
      retryInMs,
      isFinal: this.#request.isClientRejected !== true,
      ...defined({ httpStatus }),
    });
  }

  #comesBack(
    message: string,
    failed: { readonly type: FailureType; readonly code: FailureCode },
    waitMs: number,
  ): ApplicationFailure {
    this.log('info', message, { [LOG_KEYS.failureCode]: failed.code });
    const retryInMs = this.#waitMs(waitMs, this.#attempt.clock.now());
    return this.#quietly({ ...failed, retryInMs });
  }

  #quietly(
    failed: Omit<FailedRefresh, 'provider' | 'credentialId' | 'atMs' | 'isExpected'>,
  ): ApplicationFailure {
    const { provider, credentialId } = this.#request;
    const atMs = this.#attempt.clock.now();
    return this.#counted({ ...failed, provider, credentialId, atMs, isExpected: true });
  }

  #counted(failed: FailedRefresh): ApplicationFailure {
    this.#deps.metrics.failed(this.#request.provider, failed.type, countedCode(failed));
    return refreshFailure(failed);
  }

  /** After the end of a token that renews only itself, nothing is left to wait for. */
  #waitMs(waitMs: number, nowMs: number): number {
    const { provider, currentToken } = this.#request;
    const spendsToken = this.#deps.providers.find(provider)?.spendsToken === true;
    return waitWithinLifeMs(waitMs, { spendsToken, currentToken }, nowMs);
  }

  #backoffMs(nowMs: number): number {
    return retryDelayMs({
      attempt: this.#attempt.number,
      tokenIsValid: isStillValid(this.#request.currentToken, nowMs),
      jitter: Math.random(),
    });
  }
}

/** The code as a label of the metric. Each number that a provider makes up would be a time series of its own. */
function countedCode({ code, httpStatus }: Pick<FailedRefresh, 'code' | 'httpStatus'>): string {
  return httpStatus !== undefined && /^\d+$/.test(code) ? `http_${httpStatus}` : code;
}
