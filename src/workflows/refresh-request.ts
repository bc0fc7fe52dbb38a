import type { Token, TokenFacts } from '../contract/credential.js';
import type { RefreshReason, RefreshRequest } from '../contract/refresh-activity.js';
import type { KeeperState } from '../contract/keeper.js';
import { keeperLineage } from '../policy/lineage.js';
import { unconfirmedLogins } from '../policy/unconfirmed-login.js';

/** What an activity is asked for the credential as its keeper knows it. */
export function refreshRequest(state: KeeperState, reason: RefreshReason): RefreshRequest {
  const { spec, returns, journalId, token, doubtSinceMs, lastFailure } = state;
  const unconfirmed = unconfirmedLogins(state);
  return {
    credentialId: spec.id,
    provider: spec.provider,
    config: spec.config,
    material: spec.material,
    timing: spec.timing,
    ...keeperLineage(state),
    application: state.application,
    ...(returns === undefined ? {} : { returns }),
    ...(unconfirmed.length === 0 ? {} : { unconfirmedLogins: unconfirmed }),
    ...(journalId === undefined ? {} : { journalId }),
    generation: state.generation,
    ...(token === undefined ? {} : { currentToken: factsOf(token) }),
    reason,
    ...(lastFailure?.type === 'ClientRejectedError' ? { isClientRejected: true } : {}),
    ...(doubtSinceMs === undefined ? {} : { doubtSinceMs }),
  };
}

function factsOf({ value: _value, ...facts }: Token): TokenFacts {
  return facts;
}
