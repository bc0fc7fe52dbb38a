import type { FailureCode, FailureDetails, FailureType } from '../contract/failures.js';
import { LOG_KEYS } from '../contract/names.js';
import type { RefreshRequest } from '../contract/refresh-activity.js';
import { retryDelayMs } from '../policy/backoff.js';
import { isStillValid } from '../policy/validity.js';
import type { Attempt } from './attempt.js';
import type { RefreshDeps } from './ports.js';
import { endsExecution, refreshFailure } from './refresh-failure.js';

/** What a failure says beside its type and code; without `waitMs` the next attempt comes after the usual backoff. */
interface NotSentFacts extends Pick<FailureDetails, 'application' | 'journalId' | 'replacedAtMs'> {
  readonly waitMs?: number;
}

/** What one attempt says of itself: to the log, to the metrics, and as failures. */
export class AttemptReport {
  readonly #deps: Pick<RefreshDeps, 'log' | 'metrics'>;
  readonly #request: RefreshRequest;
  readonly #attempt: Attempt;

  constructor(
    deps: Pick<RefreshDeps, 'log' | 'metrics'>,
    request: RefreshRequest,
    attempt: Attempt,
  ) {
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

  failed(type: FailureType, code: string, httpStatus?: number): void {
    this.#deps.metrics.failed(this.#request.provider, type, code);
    this.log('warn', 'refresh made no token', {
      [LOG_KEYS.failureType]: type,
      [LOG_KEYS.failureCode]: code,
      ...(httpStatus === undefined ? {} : { [LOG_KEYS.httpStatus]: httpStatus }),
    });
  }

  /** The failure of an attempt that sent nothing. */
  notSent(type: FailureType, code: FailureCode, facts: NotSentFacts = {}): Error {
    const { waitMs, ...more } = facts;
    const nowMs = this.#attempt.clock.now();
    this.failed(type, code);
    return refreshFailure({
      type,
      code,
      provider: this.#request.provider,
      credentialId: this.#request.credentialId,
      atMs: nowMs,
      ...more,
      ...(endsExecution(type) ? {} : { retryInMs: waitMs ?? this.#backoffMs(nowMs) }),
    });
  }

  #backoffMs(nowMs: number): number {
    return retryDelayMs({
      attempt: this.#attempt.number,
      tokenIsValid: isStillValid(this.#request.currentToken, nowMs),
      jitter: Math.random(),
    });
  }
}
