import { defined } from '../contract/defined.js';
import type { KeeperInput, KeeperState } from '../contract/keeper.js';
import type { ApplyRequest } from '../contract/messages.js';
import { applied, type Refused, seeded, withStatus } from './apply.js';
import { isMaterialRefused, refusedInDoubt } from './refused-material.js';
import { asksTheSame } from './same-credential.js';
import { hasEnded } from './status.js';

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
      status: 'retrying',
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
    return state;
  }
  if (state === undefined) return startingState(apply, nowMs);
  const resumption = resumed(state, apply, nowMs);
  return 'refused' in resumption ? resumption : resumption.state;
}

/** What becomes of a closed keeper to which a credential is applied. */
export type Resumption =
  { readonly state: KeeperState; readonly outcome: 'restarted' | 'reauthorized' } | Refused;

/**
 * State of a new run after a closed one. A rotating provider's keeper is refused if its material was spent or refused
 * and nothing has changed: asking again could revoke the whole grant. Where only the answer of a request was missing, that
 * may have reached the journal since: then the run asks the journal, and nobody else.
 */
export function resumed(previous: KeeperState, request: ApplyRequest, nowMs: number): Resumption {
  const { lastFailure: ending, status } = previous;
  const wasCutShort = !hasEnded(status);
  const next = applied(wasCutShort ? inDoubt(previous) : previous, request, nowMs);
  if ('refused' in next) return next;
  const { state, outcome } = next;
  if (outcome === 'reauthorized') return { state, outcome };
  const isRefused =
    status === 'failed' &&
    request.spec.traits.rotates &&
    isMaterialRefused(ending) &&
    asksTheSame(previous.spec, state.spec);
  const refusedInDoubtSinceMs = isRefused ? refusedInDoubt(ending) : undefined;
  if (isRefused && refusedInDoubtSinceMs === undefined) {
    const message = `the material is the one that ended the keeper [code=${ending?.code ?? 'unknown'}]; apply new material`;
    return { refused: { reason: 'refused-material', application: previous.application, message } };
  }
  const { pendingForce: _force, lastFailure: _failure, wantedSinceMs: _since, ...rest } = state;
  return {
    outcome: 'restarted',
    state: withStatus(
      {
        ...rest,
        application: request.application,
        failureStreak: 0,
        nextRefreshAtMs: status === 'failed' ? nowMs : state.nextRefreshAtMs,
        ...defined({ refusedInDoubtSinceMs }),
      },
      nowMs,
    ),
  };
}

/** A request of a run that was ended from outside may be on the way. */
function inDoubt(state: KeeperState): KeeperState {
  const doubtSinceMs = state.doubtSinceMs ?? state.lastRefreshStartedAtMs;
  return doubtSinceMs === undefined ? state : { ...state, doubtSinceMs };
}
