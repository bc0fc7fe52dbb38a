import { setTimeout as delay } from 'node:timers/promises';
import { WorkflowNotFoundError } from '@temporalio/client';
import type { Client, WorkflowHandle } from '@temporalio/client';
import type { QueryDefinition } from '@temporalio/common';
import { endedFromOutside, endedKeeperError } from '../client/ended-keeper.js';
import type { CredentialStatus, CredentialSummary, KeeperPort } from '../client/keeper-port.js';
import { isUnavailable, notFound, TokenError } from '../client/token-error.js';
import {
  ensureFreshUpdate,
  forceRefreshSignal,
  statusQuery,
  tokenQuery,
} from '../contract/message-definitions.js';
import type { EnsureFreshRequest, TokenAnswer } from '../contract/messages.js';
import { CREDENTIAL_ID_PATTERN, keeperWorkflowId } from '../contract/names.js';
import { ENSURE_FRESH_WAIT_MS } from '../policy/keeper-numbers.js';
import { statusAnswerOf, tokenAnswerOf } from '../policy/published-answer.js';
import { hasEnded } from '../policy/status.js';
import { withDeadline } from '../temporal/connection.js';
import { TEMPORAL_CALL_DEADLINE_MS } from '../temporal/numbers.js';
import type { Coverage } from './coverage.js';
import { listCredentials } from './credential-list.js';
import { type FoundKeeper, foundKeeper } from './found-keeper.js';
import { QUERY_ATTEMPT_MS, QUERY_RETRY_MS } from './numbers.js';
import { isRefreshing, pendingRefresh } from './pending-refresh.js';
import { isPassing } from './query-error.js';
import { repeatedQuery } from './repeated-query.js';
import {
  isCrowded,
  isStopping,
  isTimeout,
  metContinueAsNew,
  metFailedTask,
  toServerError,
  toTokenError,
} from './temporal-error.js';
import { unansweredError, unservedError } from './unanswered.js';
import { watchedToken } from './watched-token.js';

/** How keepers are asked. */
export interface KeepersOptions {
  /** Deadline of each call, in milliseconds; default 8 s. */
  readonly callDeadlineMs?: number;
  /** Which credentials are listed. Default: all. */
  readonly covers?: Coverage;
}

/** Keepers as workflows of a Temporal namespace. */
export class TemporalKeepers implements KeeperPort {
  readonly #client: Client;
  readonly #callDeadlineMs: number;
  readonly #covers: Coverage;

  constructor(client: Client, options: KeepersOptions = {}) {
    const { callDeadlineMs = TEMPORAL_CALL_DEADLINE_MS, covers = () => true } = options;
    this.#client = client;
    this.#callDeadlineMs = callDeadlineMs;
    this.#covers = covers;
  }

  async token(id: string): Promise<TokenAnswer> {
    const found = await this.#found(id);
    const { described, answer } = found;
    const token =
      answer === undefined ? await this.#asked(id, tokenQuery, found) : tokenAnswerOf(answer);
    return described.endedAtMs === undefined || hasEnded(token.status)
      ? token
      : endedFromOutside(token, described.endedAtMs);
  }

  async status(id: string): Promise<CredentialStatus> {
    const found = await this.#found(id);
    const { described, answer } = found;
    const status =
      answer === undefined
        ? await this.#asked(id, statusQuery, found)
        : statusAnswerOf(answer, isRefreshing(described.description));
    if (hasEnded(status.status)) return status;
    if (described.endedAtMs !== undefined) {
      return { ...endedFromOutside(status, described.endedAtMs), refreshing: false };
    }
    const refresh = await pendingRefresh(this.#client, described.description, status).catch(
      (error: unknown) => {
        throw toTokenError(error, id);
      },
    );
    return { ...status, ...refresh };
  }

  async ensureFresh(id: string, request: EnsureFreshRequest): Promise<TokenAnswer> {
    try {
      return await this.#granted(id, request);
    } catch (error) {
      const isLate = error instanceof TokenError && error.code === 'NOT_FRESH_IN_TIME';
      throw (isLate ? await this.#unservedError(id) : undefined) ?? error;
    }
  }

  list(): Promise<readonly CredentialSummary[]> {
    return listCredentials(this.#client, this.#covers, (id) => this.status(id));
  }

  async close(): Promise<void> {
    await this.#client.connection.close();
  }

  async #granted(id: string, request: EnsureFreshRequest): Promise<TokenAnswer> {
    const deadlineAtMs = Date.now() + ENSURE_FRESH_WAIT_MS;
    for (;;) {
      try {
        return await this.#update(id, request);
      } catch (error) {
        if (isCrowded(error)) return this.#watched(id, request, deadlineAtMs);
        const mayRepeat = metFailedTask(error) && Date.now() < deadlineAtMs;
        if (!mayRepeat && !(await this.#isBetweenRuns(id, error))) {
          throw await this.#updateError(id, error);
        }
      }
      await delay(QUERY_RETRY_MS);
    }
  }

  async #found(id: string): Promise<FoundKeeper> {
    // The server cannot take some of them, which would look as if it were away.
    if (!CREDENTIAL_ID_PATTERN.test(id)) throw notFound(id);
    try {
      return await this.#call(() => foundKeeper(this.#client, id));
    } catch (error) {
      throw toServerError(error, id);
    }
  }

  /** Asks a worker if this process cannot read what is published. After a change of keys, a worker may read more. */
  async #asked<Answer>(
    id: string,
    query: QueryDefinition<Answer>,
    { unreadable }: Pick<FoundKeeper, 'unreadable'>,
  ): Promise<Answer> {
    try {
      return await this.#query(id, query);
    } catch (error) {
      throw isUnavailable(error) && unreadable !== undefined ? toTokenError(unreadable, id) : error;
    }
  }

  /** Makes a query under one deadline, however often the server loses it or asks to come again. */
  async #query<Answer>(id: string, query: QueryDefinition<Answer>): Promise<Answer> {
    const { connection } = this.#client;
    try {
      return await repeatedQuery(
        (deadlineAtMs) =>
          connection.withDeadline(Math.min(deadlineAtMs, Date.now() + QUERY_ATTEMPT_MS), () =>
            this.#handle(id).query(query),
          ),
        {
          forMs: this.#callDeadlineMs,
          isWorthRepeating: (error) => isTimeout(error) || isPassing(error),
        },
      );
    } catch (error) {
      throw isTimeout(error) ? await unansweredError(this.#client, id) : toTokenError(error, id);
    }
  }

  /**
   * Waits in the keeper for the token. A worker accepts an update at once, so an update that is not accepted has met no
   * worker. The token itself may take longer.
   */
  async #update(id: string, request: EnsureFreshRequest): Promise<TokenAnswer> {
    const accepted = await this.#call(() =>
      this.#handle(id).startUpdate(ensureFreshUpdate, {
        args: [request],
        waitForStage: 'ACCEPTED',
      }),
    ).catch(async (error: unknown) => {
      throw isTimeout(error) ? await unansweredError(this.#client, id) : error;
    });
    return withDeadline(this.#client.connection, () => accepted.result(), ENSURE_FRESH_WAIT_MS);
  }

  /** Asks for the refresh by a signal, and looks again and again, since only so many callers may wait in the keeper. */
  async #watched(id: string, request: EnsureFreshRequest, untilMs: number): Promise<TokenAnswer> {
    const handle = this.#handle(id);
    await this.#call(() =>
      handle.signal(forceRefreshSignal, { unusableGeneration: request.generation }),
    ).catch((error: unknown) => {
      // A keeper that has ended says why.
      if (!(error instanceof WorkflowNotFoundError)) throw toServerError(error, id);
    });
    return watchedToken(() => this.token(id), request, untilMs);
  }

  /** Whether an update met the end of a run, and the keeper goes on in the next one. */
  async #isBetweenRuns(id: string, error: unknown): Promise<boolean> {
    return (
      metContinueAsNew(error) ||
      (error instanceof WorkflowNotFoundError && (await this.#isRunning(id)))
    );
  }

  async #updateError(id: string, error: unknown): Promise<Error> {
    if (error instanceof WorkflowNotFoundError) {
      return endedKeeperError(await this.token(id), Date.now());
    }
    if (isStopping(error)) {
      return endedKeeperError({ ...(await this.token(id)), status: 'stopped' }, Date.now());
    }
    return isTimeout(error)
      ? new TokenError('NOT_FRESH_IN_TIME', id, 'the keeper did not answer in time')
      : toTokenError(error, id);
  }

  /** A caller that waits again would wait in vain where no worker takes the refresh. */
  async #unservedError(id: string): Promise<TokenError | undefined> {
    try {
      const { waitsForWorker } = await this.status(id);
      return (
        waitsForWorker && (await this.#call(() => unservedError(this.#client, id, waitsForWorker)))
      );
    } catch {
      return undefined;
    }
  }

  async #isRunning(id: string): Promise<boolean> {
    const { described } = await this.#found(id);
    return described.endedAtMs === undefined;
  }

  #call<T>(work: () => Promise<T>): Promise<T> {
    return this.#client.connection.withDeadline(Date.now() + this.#callDeadlineMs, work);
  }

  #handle(id: string): WorkflowHandle {
    return this.#client.workflow.getHandle(keeperWorkflowId(id));
  }
}
