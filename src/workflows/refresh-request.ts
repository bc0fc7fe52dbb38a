import type { Token, TokenFacts } from '../contract/credential.js';
import { defined } from '../contract/defined.js';
import type { RefreshReason, RefreshRequest } from '../contract/refresh-activity.js';
import type { KeeperState } from '../contract/keeper.js';
import { keeperLineage } from '../policy/lineage.js';
import { unconfirmedLogins } from '../policy/unconfirmed-login.js';

/** The request of an activity, with the credential as its keeper knows it. */
export function refreshRequest(state: KeeperState, reason: RefreshReason): RefreshRequest {
  const { spec, returns, journalId, token, lastFailure } = state;
  const { doubtSinceMs, movedSinceMs, refusedInDoubtSinceMs } = state;
  const unconfirmed = unconfirmedLogins(state);
  return {
    credentialId: spec.id,
    provider: spec.provider,
    config: spec.config,
    material: spec.material,
    timing: spec.timing,
    ...keeperLineage(state),
    application: state.application,
    ...(unconfirmed.length === 0 ? {} : { unconfirmedLogins: unconfirmed }),
    generation: state.generation,
    reason,
    ...(lastFailure?.type === 'ClientRejectedError' ? { isClientRejected: true } : {}),
    ...defined({ returns, journalId, doubtSinceMs, movedSinceMs, refusedInDoubtSinceMs }),
    ...defined({ currentToken: token && factsOf(token) }),
  };
}

function factsOf({ value: _value, ...facts }: Token): TokenFacts {
  return facts;
}
