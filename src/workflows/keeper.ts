import type { CredentialSpec } from '../contract/credential.js';
import type { FailureSummary } from '../contract/failures.js';
import type { KeeperState, KeeperStatus } from '../contract/keeper.js';
import type { ApplyOutcome, ForceRefreshRequest } from '../contract/messages.js';
import type { RefreshReason, RefreshResult } from '../contract/refresh-activity.js';
import { applied } from '../policy/apply.js';
import {
  forcedStartAtMs,
  nextStartAtMs,
  pendingForceAfter,
  survivesRefresh,
} from '../policy/forced-refresh.js';
import { refreshDueAtMs, unforcedStartAtMs } from '../policy/refresh-time.js';
import { keeperStatus } from '../policy/status.js';

/** A refresh that was begun: what it was asked with, to judge its outcome by. */
export interface BegunRefresh {
  readonly startedAtMs: number;
  readonly reason: RefreshReason;
  readonly spec: CredentialSpec;
  readonly epoch: number;
}

/** The state of one keeper and every change that it can undergo. No effects; the clock is Temporal's. */
export class Keeper {
  state: KeeperState;
  isStopRequested = false;
  /** An operator cancelled the workflow: it stops, and ends as cancelled. */
  isCancelRequested = false;
  /** Whether an execution of the activity is under way. */
  isRefreshing = false;
  /** Signals and updates received in this run. */
  messages = 0;
  /** Refreshes that succeeded in this run. */
  refreshes = 0;

  constructor(state: KeeperState) {
    this.state = state;
  }

  get hasEnded(): boolean {
    return this.state.status === 'failed' || this.state.status === 'stopped';
  }

  /** When the next refresh starts. */
  get nextStartAtMs(): number {
    return nextStartAtMs(this.state);
  }

  /** Whether a forced refresh is due, so that a backoff is to be cut short. */
  isForceDue(nowMs: number): boolean {
    const atMs = forcedStartAtMs(this.state);
    return atMs !== undefined && atMs <= nowMs;
  }

  force(request: ForceRefreshRequest, nowMs: number): void {
    const pendingForce = pendingForceAfter(this.state, request, nowMs);
    if (pendingForce !== undefined) this.state = { ...this.state, pendingForce };
  }

  apply(spec: CredentialSpec, jitter: number, nowMs: number): ApplyOutcome {
    const { state, outcome } = applied(this.state, spec, jitter, nowMs);
    this.state = state;
    return outcome;
  }

  /** Takes the pending force, if it is due, into the refresh that begins. */
  begin(nowMs: number): BegunRefresh {
    const isForced = this.isForceDue(nowMs);
    const { pendingForce, ...rest } = this.state;
    const reason = reasonOf(isForced, pendingForce?.overrideRetryAfter ?? false);
    const { wantedSinceMs, nextRefreshAtMs, lastRefreshStartedAtMs } = this.state;
    const wasDueAnyway =
      wantedSinceMs === undefined &&
      unforcedStartAtMs(nextRefreshAtMs, lastRefreshStartedAtMs) <= nowMs;
    this.state = {
      ...rest,
      ...(pendingForce !== undefined && !isForced ? { pendingForce } : {}),
      ...(isForced && !wasDueAnyway ? { lastForcedAtMs: nowMs } : {}),
      lastRefreshStartedAtMs: nowMs,
      wantedSinceMs: wantedSinceMs ?? nowMs,
    };
    this.updateStatus(nowMs);
    return { startedAtMs: nowMs, reason, spec: this.state.spec, epoch: this.state.epoch };
  }

  /** Adopts a result unless the keeper was re-authorized meanwhile: then it belongs to a dead lineage. */
  succeed(result: RefreshResult, jitter: number, nowMs: number): void {
    if (result.epoch < this.state.epoch) return;
    const spec = specAfter(this.state, result);
    const generation = Math.max(result.generation, this.state.generation + 1);
    const {
      pendingForce,
      lastFailure: _failure,
      wantedSinceMs: _wanted,
      doubtSinceMs: _doubt,
      ...kept
    } = this.state;
    this.state = {
      ...kept,
      epoch: result.epoch,
      generation,
      ...(pendingForce !== undefined && survivesRefresh(pendingForce, generation)
        ? { pendingForce }
        : {}),
      token: result.token,
      spec,
      nextRefreshAtMs: refreshDueAtMs(result.token, spec.timing, jitter),
      failureStreak: 0,
    };
    this.refreshes += 1;
    this.updateStatus(nowMs);
  }

  /** Remembers a failure and when to try again. */
  failUntil(failure: FailureSummary, nextRefreshAtMs: number, nowMs: number): void {
    this.state = {
      ...this.state,
      lastFailure: failure,
      failureStreak: this.state.failureStreak + 1,
      nextRefreshAtMs,
    };
    this.updateStatus(nowMs);
  }

  /** The refresh was cut: it is wanted again at once, and its request may have gone out. */
  cut(begun: BegunRefresh, nowMs: number): void {
    this.state = {
      ...this.state,
      nextRefreshAtMs: nowMs,
      doubtSinceMs: this.state.doubtSinceMs ?? begun.startedAtMs,
    };
  }

  end(status: Extract<KeeperStatus, 'failed' | 'stopped'>, failure?: FailureSummary): void {
    this.state = {
      ...this.state,
      status,
      ...(failure === undefined ? {} : { lastFailure: failure }),
    };
  }

  updateStatus(nowMs: number): void {
    if (!this.hasEnded) this.state = { ...this.state, status: keeperStatus(this.state, nowMs) };
  }
}

/**
 * A result of a later epoch reaches a keeper that was reset to before a re-authorization. Unless it learns what was
 * applied then, the next application of that file would bring back material that rotation has spent since.
 */
function specAfter({ spec, epoch }: KeeperState, result: RefreshResult): CredentialSpec {
  const material = { ...spec.material, ...result.replacedMaterial };
  const { appliedFingerprint } = result;
  const { spentField } = spec.traits;
  const isUnknownLineage =
    result.epoch > epoch && Object.hasOwn(result.replacedMaterial, spentField);
  if (!isUnknownLineage || appliedFingerprint === undefined) return { ...spec, material };
  const fingerprints = { ...spec.fingerprints, [spentField]: appliedFingerprint };
  return { ...spec, material, fingerprints };
}

function reasonOf(isForced: boolean, overridesRetryAfter: boolean): RefreshReason {
  if (!isForced) return 'due';
  return overridesRetryAfter ? 'forced-now' : 'forced';
}
