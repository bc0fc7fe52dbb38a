import type { FailureCode, FailureSummary } from '../contract/failures.js';
import type { KeeperState, LoginState } from '../contract/keeper.js';
import type { Lineage, RecordedLogin } from '../contract/refresh-activity.js';
import type { AttemptDecision } from './attempt-decision.js';
import { EARLIER_LOGINS_MAX, FORMER_STATES_MAX } from './keeper-numbers.js';
import { earlierLogins, lineageOf, loginOf } from './lineage.js';
import { movedTo } from './moved-journal.js';
import { replacedLoginMessage } from './operator-action.js';
import { actedOnOf } from './operator-messages.js';
import { hasEnded, withStatus } from './status.js';

/** How a login is called that nothing was sent for, since the journal knows of a later one. */
export const REFUSED_LOGINS = {
  'refuse-login': 'login_replaced',
  'refuse-forgotten-login': 'login_forgotten',
} as const satisfies Partial<Record<AttemptDecision['do'], FailureCode>>;
const REFUSED_CODES: readonly string[] = Object.values(REFUSED_LOGINS);

/** Whether nothing was sent since the journal knows of a later login. */
export function isLoginRefused(failure: Pick<FailureSummary, 'code'> | undefined): boolean {
  return failure !== undefined && REFUSED_CODES.includes(failure.code);
}

/**
 * The states that the keeper can go back to once another login takes the place of its present one. A keeper that
 * remembers little may take an old file for a new login, and only the journal knows better.
 */
export function formerStatesWith({
  formerStates = [],
  actedOnMs: _ofAll,
  ...present
}: KeeperState): readonly LoginState[] {
  const isReplaced = present.status === 'failed' && isLoginRefused(present.lastFailure);
  const states = isReplaced ? formerStates : [present, ...formerStates];
  // The last one was confirmed, or nothing was before it.
  return states.length <= FORMER_STATES_MAX
    ? states
    : [...states.slice(0, FORMER_STATES_MAX - 1), ...states.slice(-1)];
}

/** Lineages that were applied before the present one without asking the journal. */
export function unconfirmedLogins({ formerStates = [] }: KeeperState): readonly string[] {
  return formerStates
    .filter(({ isLoginUnconfirmed }) => isLoginUnconfirmed === true)
    .map(({ spec }) => lineageOf(spec));
}

/** The state once the journal has named no later login than the present one. */
export function confirmed({
  isLoginUnconfirmed: _asked,
  formerStates: _over,
  ...state
}: KeeperState): KeeperState {
  return state;
}

/** The state once the journal knows of the newest application; another login than the keeper's says nothing. */
export function withRecordedLogin(
  state: KeeperState,
  login: RecordedLogin | undefined,
): KeeperState {
  const lineage = lineageOf(state.spec);
  if (login?.lineage !== lineage) return state;
  return {
    ...confirmed(state),
    epoch: login.epoch,
    application: Math.max(login.application, state.application),
    earlierLogins: earlierLogins(
      lineage,
      EARLIER_LOGINS_MAX,
      login.earlierLogins,
      state.earlierLogins,
    ),
  };
}

/**
 * The state before a login that was refused because a later one has replaced it; `undefined` if the failure says
 * something else, or nothing was before that login. It keeps the number of its own application: a later number would
 * vouch for settings that it does not have.
 */
export function stateBefore(
  state: KeeperState,
  failure: FailureSummary,
  nowMs: number,
): KeeperState | undefined {
  const [former, ...others] = state.formerStates ?? [];
  if (former === undefined || !isLoginRefused(failure)) return undefined;
  const refused = {
    lineage: lineageOf(state.spec),
    replacedAtMs: failure.replacedAtMs ?? nowMs,
  };
  const back: KeeperState = {
    ...former,
    ...(others.length === 0 ? {} : { formerStates: others }),
    ...actedOnOf(state),
    ...movedJournal(former, state, nowMs),
    earlierLogins: earlierLogins(
      lineageOf(former.spec),
      EARLIER_LOGINS_MAX,
      [refused],
      former.earlierLogins,
    ),
    lastFailure: former.lastFailure ?? { ...failure, type: 'ApplyRefusedError' },
  };
  return hasEnded(former.status) ? back : withStatus(back, nowMs);
}

/** An operator may have moved the keeper to another journal since it had a former login. */
export function movedJournal(
  former: LoginState,
  { journalId }: KeeperState,
  nowMs: number,
): Partial<LoginState> {
  if (journalId === undefined || journalId === former.journalId) return {};
  return movedTo(journalId, former, nowMs);
}

/**
 * The refusal of the keeper's present login by a result of the login before, which knows the present one as an earlier
 * one. `undefined` if the result does not know it, or if an operator has returned to that login on purpose.
 */
export function refusalBy(
  result: Lineage,
  { spec, returns, formerStates }: KeeperState,
  nowMs: number,
): FailureSummary | undefined {
  const known = loginOf(result.earlierLogins, lineageOf(spec));
  const [former] = formerStates ?? [];
  if (known === undefined || former === undefined || returns === true) return undefined;
  if (lineageOf(former.spec) !== result.lineage) return undefined;
  const { replacedAtMs } = known;
  return {
    type: 'ApplyRefusedError',
    provider: spec.provider,
    code: REFUSED_LOGINS['refuse-login'],
    atMs: nowMs,
    replacedAtMs,
    action: replacedLoginMessage(replacedAtMs),
  };
}
