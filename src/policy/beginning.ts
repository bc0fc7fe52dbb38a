import { defined } from '../contract/defined.js';
import type { KeeperInput, KeeperState } from '../contract/keeper.js';
import type { ApplyRequest } from '../contract/messages.js';
import { applied, type Refused, seeded } from './apply.js';
import { restarted } from './restarted.js';
import { hasEnded, withStatus } from './status.js';

/** State of a keeper that starts for the first time. */
export function startingState(
  { spec, application, returns }: ApplyRequest,
  nowMs: number,
): KeeperState {
  return withStatus(
    {
      generation: 0,
      epoch: 1,
      application,
      earlierLogins: [],
      isLoginUnconfirmed: true,
      ...defined({ returns }),
      spec,
      nextRefreshAtMs: nowMs,
      failureStreak: 0,
      ...seeded(spec, nowMs),
    },
    nowMs,
  );
}

/** State with which a run begins. It is refused only where nobody checked it before the start. */
export function beginningState(
  { apply, state }: KeeperInput,
  nowMs: number,
): KeeperState | Refused {
  if (apply === undefined) {
    if (state === undefined) throw new Error('a run begins with a state or an application');
    return notBegunLater(state, nowMs);
  }
  if (state === undefined) return startingState(apply, nowMs);
  const resumption = resumed(state, apply, nowMs);
  return 'refused' in resumption ? resumption : notBegunLater(resumption.state, nowMs);
}

/**
 * The state of a run that goes on. Within a run the time never goes back. So where the server's clock had run ahead and was set back, the
 * last refresh may be dated after now. It would put off the next one until then, although its token expires long before.
 */
function notBegunLater(state: KeeperState, nowMs: number): KeeperState {
  const { lastRefreshStartedAtMs = 0, ...others } = state;
  return lastRefreshStartedAtMs > nowMs ? others : state;
}

/** What becomes of a closed keeper to which a credential is applied. */
export type Resumption =
  { readonly state: KeeperState; readonly outcome: 'restarted' | 'reauthorized' } | Refused;

/** State of a new run after a closed one. A refresh that was asked of that is dropped, and one that the application asks for is not. */
export function resumed(previous: KeeperState, request: ApplyRequest, nowMs: number): Resumption {
  const { pendingForce: _force, ...idle } = previous;
  const before = hasEnded(idle.status) ? idle : inDoubt(idle);
  const next = applied(before, request, nowMs);
  if ('refused' in next) return next;
  const { state, outcome } = next;
  if (outcome === 'reauthorized') return { state, outcome };
  const goesOn = restarted(previous, state, nowMs);
  return 'refused' in goesOn ? goesOn : { ...goesOn, outcome: 'restarted' };
}

/** A request of a run that was ended from outside may be on the way. */
function inDoubt(state: KeeperState): KeeperState {
  const doubtSinceMs = state.doubtSinceMs ?? state.lastRefreshStartedAtMs;
  return doubtSinceMs === undefined ? state : { ...state, doubtSinceMs };
}
