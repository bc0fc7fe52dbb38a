import { ApplicationFailure, CancelledFailure, Context } from '@temporalio/activity';
import type { FailureSummary, FailureType } from '../../src/contract/failures.js';
import type {
  RefreshActivities,
  RefreshRequest,
  RefreshResult,
} from '../../src/contract/refresh-activity.js';
import { refreshLeadMs } from '../../src/policy/refresh-time.js';

/** What a scripted attempt does with a request. */
export type Step = (request: RefreshRequest) => RefreshResult | Promise<RefreshResult>;

/**
 * The activity as keepers see it, without a provider: each attempt does the next step, the last one again and
 * again. It remembers what it was asked.
 */
export class ScriptedRefresh implements Pick<RefreshActivities, 'refreshToken'> {
  readonly requests: RefreshRequest[] = [];
  #steps: Step[];
  #waiting: { readonly count: number; readonly resolve: () => void }[] = [];

  constructor(...steps: Step[]) {
    this.#steps = steps;
  }

  /** What the next attempts do. */
  then(...steps: Step[]): void {
    this.#steps = steps;
  }

  readonly refreshToken = async (request: RefreshRequest): Promise<RefreshResult> => {
    this.requests.push(request);
    this.#waiting = this.#waiting.filter(({ count, resolve }) => {
      if (this.requests.length < count) return true;
      resolve();
      return false;
    });
    const step = this.#steps.length > 1 ? this.#steps.shift() : this.#steps[0];
    return (step ?? tokenFor(60_000))(request);
  };

  /** Resolves when that many attempts have begun. */
  attempts(count: number): Promise<void> {
    if (this.requests.length >= count) return Promise.resolve();
    return new Promise((resolve) => this.#waiting.push({ count, resolve }));
  }
}

/** Makes a token of this life. */
export function tokenFor(lifeMs: number): Step {
  return (request) => {
    const issuedAtMs = Context.current().info.currentAttemptScheduledTimestampMs;
    const generation = request.generation + 1;
    const token = {
      value: `access-${request.epoch}.${generation}`,
      tokenType: 'Bearer',
      issuedAtMs,
      expiresAtMs: issuedAtMs + lifeMs,
    };
    return {
      credentialId: request.credentialId,
      lineage: request.lineage,
      epoch: request.epoch,
      earlierLogins: request.earlierLogins,
      journalId: 'journal-1',
      application: request.application,
      waitedMs: 0,
      refreshLeadMs: refreshLeadMs(token, {
        timing: request.timing,
        spendsToken: false,
        jitter: 0.5,
      }),
      generation,
      token,
      replacedMaterial: { refreshToken: `refresh-${request.epoch}.${generation}` },
    };
  };
}

/** Fails as the real activity would. */
export function failing(type: FailureType, code: string, retryInMs?: number): Step {
  return () => {
    throw failureOf(type, code, retryInMs);
  };
}

/** Waits with the request on the way, as the real activity does, until `answer` resolves. */
export function onTheWay(answer: Promise<Step>): Step {
  return async (request) => {
    const beat = setInterval(() => {
      Context.current().heartbeat({ sentWithJournal: 'journal-1' });
    }, 500);
    try {
      return await (
        await answer
      )(request);
    } finally {
      clearInterval(beat);
    }
  };
}

/** Waits without a request, and lets itself be cancelled. */
export function preparing(): Step {
  return async () => {
    const context = Context.current();
    const beat = setInterval(() => {
      context.heartbeat();
    }, 500);
    try {
      return await context.cancelled;
    } catch {
      throw new CancelledFailure('cancelled before a request went out');
    } finally {
      clearInterval(beat);
    }
  };
}

function failureOf(type: FailureType, code: string, retryInMs?: number): ApplicationFailure {
  const isRejection = type === 'ClientRejectedError';
  const details: FailureSummary = {
    type,
    provider: 'oauth2',
    code,
    atMs: 0,
    action: 'do something',
    ...(isRejection ? { retryInMs: retryInMs ?? 60_000 } : {}),
  };
  return ApplicationFailure.create({
    type,
    message: `no token [code=${code}]`,
    details: [details],
    nonRetryable: type === 'PermanentRefreshError' || isRejection,
    ...(retryInMs === undefined ? {} : { nextRetryDelay: retryInMs }),
  });
}
