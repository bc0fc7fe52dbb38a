import type { ApplicationFailure } from '@temporalio/common';
import { CancelledFailure } from '@temporalio/common';
import type { CredentialSpec, Token } from '../../src/contract/credential.js';
import type { KeeperState } from '../../src/contract/keeper.js';
import type { ForceRefreshRequest } from '../../src/contract/messages.js';
import type { RefreshRequest, RefreshResult } from '../../src/contract/refresh-activity.js';
import { resumed, startingState } from '../../src/policy/beginning.js';
import { forcedStartAtMs } from '../../src/policy/forced-refresh.js';
import { RETRYING_AFTER_MS } from '../../src/policy/keeper-numbers.js';
import { RETRY_FIRST_MS, RETRY_MAX_WHILE_VALID_MS } from '../../src/policy/attempt-numbers.js';
import { keeperLineage } from '../../src/policy/lineage.js';
import { isRunLongEnough, runEndsAtMs } from '../../src/policy/run-length.js';
import { type BegunRefresh, Keeper } from '../../src/workflows/keeper.js';
import { settleFailure } from '../../src/workflows/settle-failure.js';
import { ANY_GENERATION } from '../support/requests.js';
import {
  type AttemptEnd,
  type Fate,
  HEALTHY,
  type ScheduledAttempt,
  SimulatedAttempts,
} from './simulated-attempt.js';

/** When every simulated keeper starts, milliseconds since the epoch. */
export const BORN_AT_MS = Date.UTC(2026, 0, 1);
/** Forces a millisecond apart all through a year would take one. */
const FORCES_MAX = 50;

/** What comes from outside; each list is gone through again and again. */
export interface World {
  readonly spec: CredentialSpec;
  /** Draws of 0 to 1. */
  readonly jitters: readonly number[];
  readonly fates: readonly Fate[];
  /** Attempts that have these fates; all later ones get a token at once. */
  readonly fatedAttempts: number;
  /** Milliseconds from each force to the next, of `FORCES_MAX`; with none, nobody forces anything. */
  readonly forceGapsMs: readonly number[];
  readonly force: Omit<ForceRefreshRequest, 'unusableGeneration'> & {
    readonly namesItsGeneration: boolean;
  };
}

/** A refresh that began. */
export interface Start {
  readonly atMs: number;
  readonly isForced: boolean;
  /** Forced, and not due without the force: these are spaced among themselves. */
  readonly isForcedAlone: boolean;
}

/** How long a token was the current one, until the keeper adopted the next. */
export interface Tenure {
  readonly token: Token;
  readonly adoptedAtMs: number;
  /** When the refresh of it began. */
  readonly refreshedFromMs: number;
  readonly untilMs: number;
}

/**
 * One keeper on a virtual clock. It loops as `credential-keeper.ts` and `refresh.ts` do, with messages and attempts
 * in the order of their times; every decision is the product's.
 */
export class SimulatedKeeper {
  readonly starts: Start[] = [];
  readonly tenures: Tenure[] = [];
  /** Delays of timers and retries that are not whole milliseconds above 0. */
  readonly unusableDelays: number[] = [];
  /** Longest delay that a failed attempt asked for, in milliseconds. */
  longestRetryMs = 0;
  attempts = 0;
  /** When the last attempt with a fate of the world's ended. */
  fatedUntilMs = BORN_AT_MS;
  nowMs = BORN_AT_MS;
  readonly #world: World;
  readonly #attempts = new SimulatedAttempts();
  #keeper: Keeper;
  #runStartedAtMs = this.nowMs;
  #forces = 0;
  #forceAtMs: number;
  #draws = 0;
  #adoptedAtMs = BORN_AT_MS;

  constructor(world: World) {
    this.#world = world;
    const application = { spec: world.spec, application: 1, useSearchAttributes: true };
    this.#keeper = new Keeper(startingState(application, this.nowMs), true);
    this.#forceAtMs = this.nowMs + this.#forceGapMs();
  }

  get state(): KeeperState {
    return this.#keeper.state;
  }

  /** Whether all that is left of its life is healthy. */
  get isPastItsFates(): boolean {
    return this.attempts >= this.#world.fatedAttempts;
  }

  /** Lives until the end that is asked for, looked at whenever the keeper sleeps, or until the keeper ends. */
  liveUntil(isOver: (simulation: SimulatedKeeper) => boolean): void {
    const { now } = Date;
    const { random } = Math;
    // As Temporal's sandbox does for workflow code.
    Date.now = () => this.nowMs;
    Math.random = () => this.#draw();
    try {
      while (!this.#keeper.hasEnded && !isOver(this)) this.#step();
    } finally {
      Date.now = now;
      Math.random = random;
    }
  }

  /** What `evertoken reauthorize` does for a keeper that has ended. */
  reauthorize(): void {
    const { spec } = this.#world;
    const fingerprints = {
      ...spec.fingerprints,
      [spec.traits.spentField]: `login-${this.state.epoch}`,
    };
    const application = {
      spec: { ...spec, fingerprints },
      application: this.state.application + 1,
      useSearchAttributes: true,
    };
    const again = resumed(this.state, application, this.nowMs);
    if ('refused' in again) throw new Error(again.refused.message);
    this.#keeper = new Keeper(again.state, true);
    this.#runStartedAtMs = this.nowMs;
  }

  #step(): void {
    if (this.#isRunLongEnough()) this.#continueAsNew();
    else if (this.#keeper.nextStartAtMs <= this.nowMs) this.#refresh();
    else this.#sleepUntil(Math.min(this.#keeper.nextStartAtMs, this.#runEndsAtMs()));
  }

  #refresh(): void {
    const keeper = this.#keeper;
    const begun = keeper.begin(this.nowMs);
    this.starts.push({
      atMs: this.nowMs,
      isForced: begun.reason !== 'due',
      isForcedAlone: keeper.state.lastForcedAtMs === this.nowMs,
    });
    const outcome = this.#decided(begun);
    if ('result' in outcome) this.#adopt(outcome.result, begun);
    else settleFailure(keeper, begun, outcome.cause);
  }

  #adopt(result: RefreshResult, begun: BegunRefresh): void {
    const { token } = this.state;
    if (token !== undefined) {
      this.tenures.push({
        token,
        adoptedAtMs: this.#adoptedAtMs,
        refreshedFromMs: begun.startedAtMs,
        untilMs: this.nowMs,
      });
    }
    this.#adoptedAtMs = this.nowMs;
    this.#keeper.succeed(result, this.nowMs);
  }

  #decided(begun: BegunRefresh): { result: RefreshResult } | { cause: Cause } {
    const request = requestOf(this.#keeper.state, begun);
    let hasSent = false;
    for (let number = 1; ; number += 1) {
      const end = this.#attempt({
        request,
        number,
        hasSent,
        scheduledAtMs: this.nowMs,
        jitter: this.#draw(),
      });
      hasSent ||= end.hasSent;
      this.#advanceTo(end.atMs);
      if (end.result !== undefined) return { result: end.result };
      // A request that is on the way is not cut; the server only does not try again.
      const isLast = end.failure?.nonRetryable === true || this.#isCutWanted(begun);
      if (isLast) return { cause: end.failure };
      if (this.#isCutBefore(this.#retryAtMs(end, number), begun)) {
        return { cause: new CancelledFailure('cut') };
      }
    }
  }

  #attempt(attempt: ScheduledAttempt): AttemptEnd {
    const { fates } = this.#world;
    const fate = this.isPastItsFates ? undefined : fates[this.attempts % fates.length];
    const end = this.#attempts.run(attempt, fate ?? HEALTHY);
    this.attempts += 1;
    if (fate !== undefined) this.fatedUntilMs = end.atMs;
    return end;
  }

  #retryAtMs({ failure }: AttemptEnd, number: number): number {
    const ownMs = Math.min(RETRY_FIRST_MS * 2 ** (number - 1), RETRY_MAX_WHILE_VALID_MS);
    const delayMs = Number(failure?.nextRetryDelay ?? ownMs);
    this.longestRetryMs = Math.max(this.longestRetryMs, delayMs);
    this.#checkDelay(delayMs);
    return this.nowMs + delayMs;
  }

  /** Waits in the backoff; whether the execution was cut meanwhile. */
  #isCutBefore(retryAtMs: number, begun: BegunRefresh): boolean {
    while (this.nowMs < retryAtMs) {
      if (this.#isCutWanted(begun)) return true;
      const mayBeCutAtMs = Math.max(this.#runEndsAtMs(), begun.startedAtMs + RETRYING_AFTER_MS);
      const cuts = this.state.pendingForce?.cuts !== undefined;
      const cutAtMs = cuts ? forcedStartAtMs(this.state) : undefined;
      const looks = [cutAtMs ?? retryAtMs, mayBeCutAtMs];
      this.#sleepUntil(Math.min(retryAtMs, ...looks.filter((atMs) => atMs > this.nowMs)));
    }
    return false;
  }

  #isCutWanted(begun: BegunRefresh): boolean {
    const isInBackoff = this.nowMs >= begun.startedAtMs + RETRYING_AFTER_MS;
    return this.#keeper.isCutDue(this.nowMs) || (isInBackoff && this.#isRunLongEnough());
  }

  #sleepUntil(atMs: number): void {
    this.#checkDelay(atMs - this.nowMs);
    if (this.#forceAtMs > atMs) this.nowMs = atMs;
    else this.#takeForce();
  }

  #advanceTo(atMs: number): void {
    while (this.#forceAtMs <= atMs) this.#takeForce();
    this.nowMs = atMs;
  }

  #takeForce(): void {
    const { namesItsGeneration, ...force } = this.#world.force;
    this.nowMs = this.#forceAtMs;
    this.#keeper.messages += 1;
    const unusableGeneration = namesItsGeneration ? this.state.generation : ANY_GENERATION;
    this.#keeper.force({ ...force, unusableGeneration, wantedAtMs: this.nowMs }, this.nowMs);
    this.#forces += 1;
    this.#forceAtMs = this.nowMs + this.#forceGapMs();
  }

  #forceGapMs(): number {
    const { forceGapsMs } = this.#world;
    const gapMs = forceGapsMs[this.#forces % forceGapsMs.length];
    return gapMs === undefined || this.#forces >= FORCES_MAX ? Infinity : gapMs;
  }

  #continueAsNew(): void {
    this.#keeper = new Keeper(JSON.parse(JSON.stringify(this.state)) as KeeperState, true);
    this.#runStartedAtMs = this.nowMs;
  }

  #runEndsAtMs(): number {
    return runEndsAtMs({ startedAtMs: this.#runStartedAtMs });
  }

  #isRunLongEnough(): boolean {
    const { refreshes, messages } = this.#keeper;
    const startedAtMs = this.#runStartedAtMs;
    const run = { refreshes, messages, startedAtMs, events: 0, suggestedByServer: false };
    return isRunLongEnough(run, this.nowMs);
  }

  #checkDelay(delayMs: number): void {
    if (!Number.isSafeInteger(delayMs) || delayMs < 1) this.unusableDelays.push(delayMs);
  }

  #draw(): number {
    this.#draws += 1;
    return this.#world.jitters[this.#draws % this.#world.jitters.length] ?? 0;
  }
}

type Cause = ApplicationFailure | CancelledFailure | undefined;

function requestOf(state: KeeperState, begun: BegunRefresh): RefreshRequest {
  const { spec, application, generation, journalId, token, doubtSinceMs, movedSinceMs } = state;
  return {
    credentialId: spec.id,
    provider: spec.provider,
    config: spec.config,
    material: spec.material,
    timing: spec.timing,
    ...keeperLineage(state),
    application,
    ...(journalId === undefined ? {} : { journalId }),
    generation,
    ...(token === undefined ? {} : { currentToken: token }),
    reason: begun.reason,
    ...(doubtSinceMs === undefined ? {} : { doubtSinceMs }),
    ...(movedSinceMs === undefined ? {} : { movedSinceMs }),
  };
}
