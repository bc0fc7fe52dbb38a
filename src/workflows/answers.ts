import type { StatusAnswer, TokenAnswer } from '../contract/messages.js';
import type { Keeper } from './keeper.js';

/** The answer of `token` and `ensureFresh`. */
export function tokenAnswer(keeper: Keeper): TokenAnswer {
  const { state } = keeper;
  return {
    id: state.spec.id,
    provider: state.spec.provider,
    status: state.status,
    generation: state.generation,
    ...(state.token === undefined ? {} : { token: state.token }),
    ...(keeper.hasEnded ? {} : { nextRefreshAtMs: keeper.nextStartAtMs }),
    ...(state.lastFailure === undefined ? {} : { lastFailure: state.lastFailure }),
  };
}

/** The answer of `status`. */
export function statusAnswer(keeper: Keeper): StatusAnswer {
  const { state } = keeper;
  const { token } = state;
  return {
    id: state.spec.id,
    provider: state.spec.provider,
    status: state.status,
    generation: state.generation,
    epoch: state.epoch,
    ...(state.journalId === undefined ? {} : { journalId: state.journalId }),
    ...(token === undefined
      ? {}
      : {
          tokenType: token.tokenType,
          issuedAtMs: token.issuedAtMs,
          expiresAtMs: token.expiresAtMs,
          ...(token.isLifetimeDoubted === undefined ? {} : { isLifetimeDoubted: true }),
        }),
    ...(token?.materialExpiresAtMs === undefined
      ? {}
      : { materialExpiresAtMs: token.materialExpiresAtMs }),
    ...(keeper.hasEnded ? {} : { nextRefreshAtMs: keeper.nextStartAtMs }),
    refreshing: keeper.isRefreshing,
    awaitsRefresh: keeper.awaitsRefresh(Date.now()),
    forcePending: state.pendingForce !== undefined,
    failureStreak: state.failureStreak,
    ...(state.lastFailure === undefined ? {} : { lastFailure: state.lastFailure }),
  };
}
