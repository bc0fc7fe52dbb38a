import { setTimeout as delay } from 'node:timers/promises';
import { WorkflowNotFoundError } from '@temporalio/client';
import type { Client, WorkflowHandle } from '@temporalio/client';
import { notFound } from '../client/token-error.js';
import type { CredentialSpec } from '../contract/credential.js';
import {
  forceRefreshSignal,
  moveJournalUpdate,
  applyUpdate,
  stopSignal,
} from '../contract/message-definitions.js';
import type {
  ApplyOutcome,
  ApplyRequest,
  ForceRefreshRequest,
  MoveJournalRequest,
} from '../contract/messages.js';
import { keeperWorkflowId } from '../contract/names.js';
import { applied } from '../policy/apply.js';
import { ATTEMPT_TIMEOUT_MS } from '../policy/attempt-numbers.js';
import { resumed } from '../policy/beginning.js';
import { LOGIN_CONFIRM_WAIT_MS, OPERATOR_CLOCK_TOLERANCE_MS } from '../policy/keeper-numbers.js';
import type { SearchAttributeUse } from '../settings/environment.js';
import { TEMPORAL_CALL_DEADLINE_MS } from '../temporal/numbers.js';
import {
  type ApplyResult,
  type ApplyOptions,
  applicationAfter,
  refusedResult,
  type ApplyTry,
  refusedTry,
} from './apply-result.js';
import { carriedState } from './carried-state.js';
import { describeKeeper } from './described-keeper.js';
import { type KnownById, knownCredentials } from './known-credentials.js';
import { QUERY_RETRY_MS } from './numbers.js';
import { revokeGrant, type RevokeOutcome } from './revoke-grant.js';
import { ensureSearchAttributes } from './search-attributes.js';
import { startRun } from './start-run.js';
import {
  applyRefusal,
  isStopping,
  isTimeout,
  metContinueAsNew,
  metFailedTask,
  toServerError,
  toTokenError,
} from './temporal-error.js';
import { unansweredError } from './unanswered.js';
import { untilTaken } from './until-taken.js';

/** What a caller asks for. The time of asking is added here. */
type RefreshWish = Omit<ForceRefreshRequest, 'wantedAtMs'>;
type JournalMove = Omit<MoveJournalRequest, 'wantedAtMs'>;

/** Temporal keeps an update that nobody has taken, and nothing takes it back. */
const MAY_STILL_BE_DONE = `; if a worker comes within ${OPERATOR_CLOCK_TOLERANCE_MS / 60_000} minutes, it may still be done`;

/** Starts, changes and ends keepers. Every method rejects only with a `TokenError`. */
export class KeeperAdministration {
  readonly #client: Client;
  readonly #callDeadlineMs: number;
  readonly #searchAttributes: SearchAttributeUse;
  #useSearchAttributes: Promise<boolean> | undefined;

  constructor(
    client: Client,
    callDeadlineMs = TEMPORAL_CALL_DEADLINE_MS,
    searchAttributes: SearchAttributeUse = 'auto',
  ) {
    this.#client = client;
    this.#callDeadlineMs = callDeadlineMs;
    this.#searchAttributes = searchAttributes;
  }

  /**
   * Makes sure that a credential is kept as it says. Safe to repeat and to race. A running keeper is updated. A closed one
   * goes on in a new run with all that it knew. If there is no keeper, one is started.
   */
  async apply(spec: CredentialSpec, options: ApplyOptions = {}): Promise<ApplyResult> {
    return this.#guarded(spec.id, async () => {
      const useSearchAttributes = await this.#mayUseSearchAttributes();
      let newest = 0;
      const { isNew, ...more } = options;
      if (isNew === true && (await this.#startNew(spec, useSearchAttributes, more))) {
        return { outcome: 'started' };
      }
      for (;;) {
        const application = applicationAfter(newest);
        const request = { spec, application, useSearchAttributes, ...more };
        const tried = (await this.#update(request)) ?? (await this.#start(request));
        if (tried === undefined) continue;
        if (!('outdatedBy' in tried)) return tried;
        newest = tried.outdatedBy;
      }
    });
  }

  /** What Temporal shows of credentials before they are applied. A dry run registers no search attributes. */
  async known(specs: readonly CredentialSpec[], isDryRun = false): Promise<KnownById> {
    try {
      const useSearchAttributes = !isDryRun && (await this.#mayUseSearchAttributes());
      return await knownCredentials(this.#client, specs, useSearchAttributes);
    } catch (error) {
      throw toServerError(error, '*');
    }
  }

  /** Says what `apply` would do now, and changes nothing. */
  async plan(
    spec: CredentialSpec,
    options: Pick<ApplyOptions, 'returns'> = {},
  ): Promise<ApplyResult> {
    return this.#guarded(spec.id, async () => {
      const known = await carriedState(this.#client, spec.id, this.#callDeadlineMs);
      if (known === undefined) return { outcome: 'started' };
      const { endedAtMs } = await this.#call(() => describeKeeper(this.#client, spec.id));
      const application = applicationAfter(known.application);
      const request = { spec, application, useSearchAttributes: false, ...options };
      const next = (endedAtMs === undefined ? applied : resumed)(known, request, Date.now());
      return 'refused' in next ? refusedResult(next) : { outcome: next.outcome };
    });
  }

  /** Asks for a refresh of the generation that the caller has seen. */
  async forceRefresh(id: string, request: RefreshWish): Promise<void> {
    const made = request.cuts === undefined ? request : { ...request, wantedAtMs: Date.now() };
    await this.#guarded(id, () =>
      this.#call(() => this.#handle(id).signal(forceRefreshSignal, made)),
    );
  }

  /** Lets a keeper use another journal. Resolves with the journal that it then uses. */
  async moveJournal(id: string, journals: JournalMove): Promise<string> {
    const move = (): Promise<string> => {
      const request = { ...journals, wantedAtMs: Date.now() };
      return this.#call(() =>
        this.#handle(id).executeUpdate(moveJournalUpdate, { args: [request] }),
      );
    };
    return this.#guarded(id, () => untilTaken(move), MAY_STILL_BE_DONE);
  }

  /** Ends a keeper cleanly, after any request that is on the way. `already-ended` if no keeper runs any more. */
  async stop(id: string): Promise<'stopping' | 'already-ended'> {
    return this.#guarded(id, async () => {
      try {
        await this.#call(() => this.#handle(id).signal(stopSignal));
        return 'stopping';
      } catch (error) {
        if (!(error instanceof WorkflowNotFoundError)) throw error;
        await this.#call(() => describeKeeper(this.#client, id));
        return 'already-ended';
      }
    });
  }

  /** Revokes the grant at the provider, then ends the keeper. If the grant is not revoked, the keeper goes on. */
  async revoke(id: string): Promise<RevokeOutcome> {
    return this.#guarded(id, async () => {
      const known = await carriedState(this.#client, id, this.#callDeadlineMs);
      if (known === undefined) throw notFound(id);
      return revokeGrant(this.#client.connection, this.#handle(id), known);
    });
  }

  /** Asks again if the server was away. */
  #mayUseSearchAttributes(): Promise<boolean> {
    this.#useSearchAttributes ??= ensureSearchAttributes(
      this.#client,
      this.#searchAttributes,
    ).catch((error: unknown) => {
      this.#useSearchAttributes = undefined;
      throw error;
    });
    return this.#useSearchAttributes;
  }

  /** Updates the running keeper; `undefined` if none runs. */
  async #update(
    request: ApplyRequest,
    // A keeper that stops finishes its request first, and a new run goes on. One with two logins waits for the journal's word.
    decidedByMs = Date.now() + ATTEMPT_TIMEOUT_MS,
  ): Promise<ApplyTry | undefined> {
    try {
      return { outcome: await untilTaken(() => this.#sendUpdate(request)) };
    } catch (error) {
      if (error instanceof WorkflowNotFoundError) return undefined;
      const refused = applyRefusal(error);
      const isUndecided = refused?.refused.isUnconfirmed === true || isStopping(error);
      const mayRepeat = (isUndecided || metFailedTask(error)) && Date.now() < decidedByMs;
      if (refused !== undefined && !mayRepeat) return refusedTry(refused);
      // Nobody knows whether the update took effect. If it did, a second one changes nothing.
      if (metContinueAsNew(error)) return { outdatedBy: request.application };
      if (!mayRepeat) throw error;
      await delay(QUERY_RETRY_MS);
      return this.#update(request, decidedByMs);
    }
  }

  /** A worker accepts at once, so if nothing accepts, no worker is there. The journal's word may take longer. */
  async #sendUpdate(request: ApplyRequest): Promise<ApplyOutcome> {
    const accepted = await this.#call(() =>
      this.#handle(request.spec.id).startUpdate(applyUpdate, {
        args: [request],
        waitForStage: 'ACCEPTED',
      }),
    );
    const deadlineMs = Date.now() + LOGIN_CONFIRM_WAIT_MS + this.#callDeadlineMs;
    return this.#client.connection.withDeadline(deadlineMs, () => accepted.result());
  }

  /** Starts the very first run; false if there was one. The server refuses if a run ended within the retention. */
  async #startNew(
    spec: CredentialSpec,
    useSearchAttributes: boolean,
    options: Pick<ApplyOptions, 'returns'>,
  ): Promise<boolean> {
    const request = { spec, application: applicationAfter(0), useSearchAttributes, ...options };
    const first = { previous: undefined, reuse: 'REJECT_DUPLICATE' } as const;
    return (await this.#call(() => startRun(this.#client, request, first))) !== undefined;
  }

  /** Starts a run; `undefined` if somebody else was faster. */
  async #start(request: ApplyRequest): Promise<ApplyTry | undefined> {
    const previous = await carriedState(this.#client, request.spec.id, this.#callDeadlineMs);
    const next = { previous, reuse: 'ALLOW_DUPLICATE' } as const;
    return this.#call(() => startRun(this.#client, request, next));
  }

  /** @param ifUnanswered what is said besides where the keeper did not answer */
  async #guarded<T>(id: string, work: () => Promise<T>, ifUnanswered?: string): Promise<T> {
    try {
      return await work();
    } catch (error) {
      if (isTimeout(error)) throw await unansweredError(this.#client, id, ifUnanswered);
      throw toTokenError(error, id);
    }
  }

  #call<T>(work: () => Promise<T>): Promise<T> {
    return this.#client.connection.withDeadline(Date.now() + this.#callDeadlineMs, work);
  }

  #handle(id: string): WorkflowHandle {
    return this.#client.workflow.getHandle(keeperWorkflowId(id));
  }
}
