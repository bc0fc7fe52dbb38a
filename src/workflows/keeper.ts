import type { ApplicationFailure } from '@temporalio/workflow';
import type { CredentialSpec } from '../contract/credential.js';
import { defined } from '../contract/defined.js';
import type { FailureSummary } from '../contract/failures.js';
import type { KeeperState, KeeperStatus } from '../contract/keeper.js';
import type {
  ApplyOutcome,
  ApplyRequest,
  ForceRefreshRequest,
  MoveJournalRequest,
} from '../contract/messages.js';
import type { RevocationDone } from '../contract/revocation.js';
import type {
  RecordedApplication,
  RefreshReason,
  RefreshResult,
} from '../contract/refresh-activity.js';
import { withResult } from '../policy/adopted-result.js';
import { applied, type Refused } from '../policy/apply.js';
import { nextStartAtMs, pendingForceAfter } from '../policy/forced-refresh.js';
import { isOfReplacedLogin, keeperLineage, lineageOf } from '../policy/lineage.js';
import { isForceDue, withBegunRefresh } from '../policy/begun-refresh.js';
import { withJournal } from '../policy/moved-journal.js';
import { isTimely, withActedOn } from '../policy/operator-messages.js';
import { hasEnded, withStatus } from '../policy/status.js';
import { refusalBy, stateBefore, withRecordedLogin } from '../policy/unconfirmed-login.js';
import type { RefusedLogin } from './refused-login.js';

/** A refresh that was begun: what it was asked with, to judge its outcome by. */
export interface BegunRefresh {
  readonly startedAtMs: number;
  readonly reason: RefreshReason;
  readonly spec: CredentialSpec;
  readonly epoch: number;
}

/** A revocation that an operator wants; those who asked wait for its outcome. */
export interface Revocation {
  outcome?: RevocationDone | ApplicationFailure;
}

/** The state of one keeper and every change that it can undergo. No effects; the clock is Temporal's. */
export class Keeper {
  state: KeeperState;
  isStopRequested = false;
  /** An operator cancelled the workflow: it stops, and ends as cancelled. */
  isCancelRequested = false;
  /** An operator wants the grant revoked before the keeper ends. */
  revocation: Revocation | undefined;
  /** Whether an execution of the activity is under way. */
  isRefreshing = false;
  /** The refresh under way takes longer than usual, as its activity said. */
  isRefreshDelayed = false;
  /** Callers that wait for a fresh token. */
  waitingCallers = 0;
  /** Signals and updates received in this run. */
  messages = 0;
  /** Refreshes that succeeded in this run. */
  refreshes = 0;

  /** The login that this run refused last. */
  refusedLogin: RefusedLogin | undefined;

  /** Whether operators may filter by our search attributes. */
  useSearchAttributes: boolean;

  constructor(state: KeeperState, useSearchAttributes: boolean) {
    this.state = state;
    this.useSearchAttributes = useSearchAttributes;
  }

  get hasEnded(): boolean {
    return hasEnded(this.state.status);
  }

  /** Whether no further refresh is to begin. */
  get isEndWanted(): boolean {
    return this.isStopRequested || this.revocation !== undefined;
  }

  /** When the next refresh starts. */
  get nextStartAtMs(): number {
    return nextStartAtMs(this.state);
  }

  /** Whether a backoff is to be cut short: an operator's force is due. */
  isCutDue(nowMs: number): boolean {
    return this.state.pendingForce?.cuts !== undefined && isForceDue(this.state, nowMs);
  }

  /** Whether to act on an operator's message. One that is acted on is remembered, so that a copy of it is not. */
  takes(wantedAtMs: number, nowMs: number): boolean {
    if (!isTimely(this.state, wantedAtMs, nowMs)) return false;
    this.state = withActedOn(this.state, wantedAtMs);
    return true;
  }

  /** Asks for a refresh, unless an operator's force is a copy. */
  force(request: ForceRefreshRequest, nowMs: number): void {
    if (request.credentialId !== undefined && request.credentialId !== this.state.spec.id) return;
    if (request.cuts !== undefined && !this.takes(request.wantedAtMs ?? 0, nowMs)) return;
    const { unusableGeneration: generation, cuts } = request;
    const found = { generation, ...defined({ cuts }) };
    const pendingForce = pendingForceAfter(this.state, found, nowMs);
    if (pendingForce !== undefined) this.state = { ...this.state, pendingForce };
  }

  /** Why an application would not be carried out, if so. */
  refusalOf(request: ApplyRequest, nowMs: number): Refused | undefined {
    const next = applied(this.state, request, nowMs);
    return 'refused' in next ? next : undefined;
  }

  apply(request: ApplyRequest, nowMs: number): ApplyOutcome | Refused {
    const next = applied(this.state, request, nowMs);
    if ('refused' in next) return next;
    this.state = next.state;
    this.useSearchAttributes = request.useSearchAttributes;
    return next.outcome;
  }

  /**
   * Lets the next refresh use another journal. Answers with the one that it then uses; `undefined` if it is a copy that asks,
   * or if the keeper uses none and is to leave one.
   */
  moveJournal(request: MoveJournalRequest, nowMs: number): string | undefined {
    if (!this.takes(request.wantedAtMs, nowMs)) return undefined;
    this.state = withJournal(this.state, request, nowMs);
    return this.state.journalId;
  }

  /** Takes the pending force, if it is due, into the refresh that begins. */
  begin(nowMs: number): BegunRefresh {
    const { state, reason } = withBegunRefresh(this.state, nowMs);
    this.state = state;
    this.updateStatus(nowMs);
    return { startedAtMs: nowMs, reason, spec: this.state.spec, epoch: this.state.epoch };
  }

  /**
   * The refresh under way takes longer than usual. A keeper that knows no journal yet uses the one in which a request of it is
   * recorded, since no other one knows what came of that.
   */
  delayed(sentWithJournal: string | undefined): void {
    if (!this.isRefreshing) return;
    this.isRefreshDelayed = true;
    const journalId = this.state.journalId ?? sentWithJournal;
    this.state = { ...this.state, ...defined({ journalId }) };
  }

  /** Adopts a result unless the keeper was re-authorized meanwhile: then it belongs to a login that was replaced. */
  succeed(result: RefreshResult, nowMs: number): void {
    const refusal = refusalBy(result, this.state, nowMs);
    if (refusal !== undefined) this.failForGood(refusal, nowMs);
    if (this.hasEnded || isOfReplacedLogin(result, keeperLineage(this.state))) return;
    this.state = withResult(this.state, result, nowMs);
    this.refreshes += 1;
    this.updateStatus(nowMs);
  }

  /** The journal knows of the newest application; what it brings is newer than what came with that. */
  recordedApplication(
    { newest, login }: Omit<RecordedApplication, 'credentialId'>,
    nowMs: number,
  ): void {
    const { isUnrecorded: _told, ...state } = this.state;
    this.state = withRecordedLogin(state, login);
    if (newest !== undefined) this.succeed(newest, nowMs);
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
    this.state = { ...this.state, nextRefreshAtMs: nowMs };
    this.leaveInDoubt(begun);
  }

  /** The request of a refresh may have gone out, and may have spent the material, if the keeper has the same login still. */
  leaveInDoubt({ spec, startedAtMs }: BegunRefresh): void {
    if (lineageOf(this.state.spec) !== lineageOf(spec)) return;
    this.state = { ...this.state, doubtSinceMs: this.state.doubtSinceMs ?? startedAtMs };
  }

  /**
   * Ends the keeper for good. Where only its newest login is refused, since a later one is known, it goes on as before
   * that login.
   */
  failForGood(failure: FailureSummary, nowMs: number): void {
    const before = stateBefore(this.state, failure, nowMs);
    const { formerStates: _others, ...state } = this.state;
    if (before === undefined) {
      this.state = state;
      return this.end('failed', failure);
    }
    const { spec, application } = state;
    this.refusedLogin = { lineage: lineageOf(spec), application, message: failure.action };
    this.state = before;
  }

  end(status: Extract<KeeperStatus, 'failed' | 'stopped'>, failure?: FailureSummary): void {
    const application = Math.max(this.state.application, failure?.application ?? 0);
    this.state = {
      ...this.state,
      status,
      application,
      ...defined({ lastFailure: failure }),
    };
  }

  /** Ends without a token, since its grant is gone. A keeper that is started again refreshes at once, and finds out. */
  endRevoked(nowMs: number): void {
    const { token: _token, ...kept } = this.state;
    this.state = { ...kept, nextRefreshAtMs: nowMs };
    this.end('stopped');
  }

  updateStatus(nowMs: number): void {
    if (!this.hasEnded) this.state = withStatus(this.state, nowMs);
  }
}
