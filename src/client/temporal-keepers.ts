import { setTimeout as delay } from 'node:timers/promises';
import { WorkflowNotFoundError } from '@temporalio/client';
import type { Client, WorkflowHandle } from '@temporalio/client';
import type { QueryDefinition } from '@temporalio/common';
import { withDeadline } from '../connection.js';
import type { EnsureFreshRequest, TokenAnswer } from '../contract/messages.js';
import { ensureFreshUpdate, statusQuery, tokenQuery } from '../contract/message-definitions.js';
import { keeperWorkflowId } from '../contract/names.js';
import { ENSURE_FRESH_WAIT_MS } from '../policy/keeper-numbers.js';
import {
  PROBE_DEADLINE_MS,
  QUERY_ATTEMPT_MS,
  QUERY_RETRY_MS,
  TEMPORAL_CALL_DEADLINE_MS,
} from '../policy/numbers.js';
import type { Coverage } from './coverage.js';
import { listCredentials } from './credential-list.js';
import { endedFromOutside, endedKeeperError } from './ended-keeper.js';
import type { CredentialStatus, CredentialSummary, KeeperPort } from './keeper-port.js';
import { pendingRefresh } from './pending-refresh.js';
import { repeatedQuery } from './repeated-query.js';
import { isTimeout, metContinueAsNew, toTokenError } from './temporal-error.js';
import { TokenError } from './token-error.js';

/** How keepers are asked. */
export interface KeepersOptions {
  /** Deadline of each call, in milliseconds; default 8 s. */
  readonly callDeadlineMs?: number;
  /** Which credentials are listed; default all. */
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

  token(id: string): Promise<TokenAnswer> {
    return this.#query(id, tokenQuery);
  }

  async status(id: string): Promise<CredentialStatus> {
    const answer = await this.#query(id, statusQuery);
    if (answer.status === 'failed' || answer.status === 'stopped') return answer;
    try {
      return await withDeadline(this.#client.connection, async () => {
        const description = await this.#handle(id).describe();
        return description.closeTime === undefined
          ? { ...answer, ...(await pendingRefresh(this.#client, description, answer)) }
          : endedFromOutside(answer, description.closeTime.getTime());
      });
    } catch (error) {
      throw toTokenError(error, id);
    }
  }

  async ensureFresh(id: string, request: EnsureFreshRequest): Promise<TokenAnswer> {
    for (;;) {
      try {
        return await withDeadline(
          this.#client.connection,
          () => this.#handle(id).executeUpdate(ensureFreshUpdate, { args: [request] }),
          ENSURE_FRESH_WAIT_MS,
        );
      } catch (error) {
        if (!(await this.#isBetweenRuns(id, error))) throw await this.#updateError(id, error);
      }
      await delay(QUERY_RETRY_MS);
    }
  }

  async list(): Promise<readonly CredentialSummary[]> {
    try {
      return await listCredentials(this.#client, this.#covers, (id) => this.status(id));
    } catch (error) {
      throw toTokenError(error, '*');
    }
  }

  async close(): Promise<void> {
    await this.#client.connection.close();
  }

  /** A query under one deadline, however often the server loses it or asks to come again. */
  async #query<Answer>(id: string, query: QueryDefinition<Answer>): Promise<Answer> {
    const { connection } = this.#client;
    try {
      return await repeatedQuery(
        (deadlineAtMs) =>
          connection.withDeadline(Math.min(deadlineAtMs, Date.now() + QUERY_ATTEMPT_MS), () =>
            this.#handle(id).query(query),
          ),
        { forMs: this.#callDeadlineMs, isWorthRepeating: isTimeout },
      );
    } catch (error) {
      throw await this.#queryError(id, error);
    }
  }

  /** Without an answer it takes a second call to tell a silent server from one whose workers are silent. */
  async #queryError(id: string, error: unknown): Promise<Error> {
    return isTimeout(error) && !(await this.#serverAnswers())
      ? new TokenError('UNAVAILABLE', id, 'temporal cannot be reached')
      : toTokenError(error, id);
  }

  async #serverAnswers(): Promise<boolean> {
    const { connection } = this.#client;
    return connection
      .withDeadline(Date.now() + PROBE_DEADLINE_MS, () =>
        connection.workflowService.getSystemInfo({}),
      )
      .then(
        () => true,
        () => false,
      );
  }

  /** Whether an update met the end of a run that goes on in the next. */
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
    return isTimeout(error)
      ? new TokenError('NOT_FRESH_IN_TIME', id, 'the keeper did not answer in time')
      : toTokenError(error, id);
  }

  async #isRunning(id: string): Promise<boolean> {
    try {
      const { status } = await withDeadline(this.#client.connection, () =>
        this.#handle(id).describe(),
      );
      return status.name === 'RUNNING';
    } catch (error) {
      throw toTokenError(error, id);
    }
  }

  #handle(id: string): WorkflowHandle {
    return this.#client.workflow.getHandle(keeperWorkflowId(id));
  }
}
