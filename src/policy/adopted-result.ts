import type { Token } from '../contract/credential.js';
import { defined } from '../contract/defined.js';
import type { KeeperState, PendingForce } from '../contract/keeper.js';
import type { RefreshResult } from '../contract/refresh-activity.js';
import { specAfter } from './adopted-material.js';
import { datedToken } from './adopted-token.js';
import { survivesRefresh } from './forced-refresh.js';
import { EARLIER_LOGINS_MAX } from './keeper-numbers.js';
import { earlierLogins } from './lineage.js';
import { refreshDueAtMs } from './refresh-time.js';
import { confirmed } from './unconfirmed-login.js';

/** The state of a keeper that adopts a result of its login. */
export function withResult(state: KeeperState, result: RefreshResult, nowMs: number): KeeperState {
  const {
    pendingForce,
    lastFailure: _failure,
    wantedSinceMs: _wanted,
    doubtSinceMs: _doubt,
    movedSinceMs: _moved,
    returns: _returns,
    isUnrecorded: _untold,
    refusedInDoubtSinceMs,
    ...kept
  } = confirmed(state);
  const spec = specAfter(state.spec, result);
  const { spentField } = spec.traits;
  const isMaterialKept = spec.material[spentField] === state.spec.material[spentField];
  const generation = Math.max(result.generation, state.generation + 1);
  const token = datedToken(result, nowMs);
  const isForceLeft = pendingForce !== undefined && survivesRefresh(pendingForce, generation);
  return {
    ...kept,
    epoch: result.epoch,
    earlierLogins: earlierLogins(
      result.lineage,
      EARLIER_LOGINS_MAX,
      result.earlierLogins,
      kept.earlierLogins,
    ),
    // A result that was on its way comes with the journal of before a move.
    journalId: kept.journalId ?? result.journalId,
    generation,
    ...(isForceLeft ? { pendingForce: askedOf(token, pendingForce) } : {}),
    token,
    spec,
    nextRefreshAtMs: refreshDueAtMs(token, spec.timing, result.refreshLeadMs),
    failureStreak: 0,
    // What was refused stays so, also where a late answer left a token and nothing to refresh it with.
    ...(isMaterialKept ? defined({ refusedInDoubtSinceMs }) : {}),
    // One that was applied while the refresh was on its way is not in the journal yet.
    ...(result.application < kept.application ? { isUnrecorded: true } : {}),
  };
}

/** A force as of a token that somebody found wanting before the keeper had it: nobody asked before it was issued. */
function askedOf({ issuedAtMs }: Token, force: PendingForce): PendingForce {
  return { ...force, requestedAtMs: Math.max(force.requestedAtMs, issuedAtMs) };
}
