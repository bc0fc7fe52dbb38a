import { ApplicationFailure, proxyActivities } from '@temporalio/workflow';
import { defined } from '../contract/defined.js';
import type { FailureType } from '../contract/failures.js';
import { fitsRevokeTokenResult } from '../contract/payload-checks.js';
import type { RefreshActivities } from '../contract/refresh-activity.js';
import type { RevocationDone, RevokeTokenRequest } from '../contract/revocation.js';
import { lineageOf } from '../policy/lineage.js';
import { REVOKE_TIMEOUT_MS, REVOKE_WINDOW_MS } from '../policy/attempt-numbers.js';
import { REVOKE_PRIORITY } from '../policy/refresh-priority.js';
import { causeOf, reportedFailure, undecidedFailure } from './activity-failure.js';
import { activityOptions, priorityOf } from './activity-options.js';
import type { Keeper, Revocation } from './keeper.js';
import { failureOf } from './refusals.js';

/** Makes a wanted revocation. Once the grant is gone the keeper ends; otherwise it goes on as before. */
export async function revoke(keeper: Keeper, revocation: Revocation): Promise<void> {
  const outcome = await outcomeOf(keeper);
  revocation.outcome = outcome;
  keeper.revocation = undefined;
  if (!(outcome instanceof ApplicationFailure)) keeper.endRevoked(Date.now());
}

async function outcomeOf(keeper: Keeper): Promise<RevocationDone | ApplicationFailure> {
  try {
    const result: unknown = await revokeToken(keeper);
    const isOurs = fitsRevokeTokenResult(result) && result.credentialId === keeper.state.spec.id;
    if (!isOurs) return notRevoked(keeper, undefined);
    return result.isAccessTokenLeft === true ? 'access-token-left' : 'revoked';
  } catch (error) {
    return notRevoked(keeper, causeOf(error));
  }
}

/** What the activity says of a grant that was not revoked. If it says nothing, what the provider did is unknown. */
function notRevoked(
  { state: { spec } }: Keeper,
  cause: ReturnType<typeof causeOf>,
): ApplicationFailure {
  const type: FailureType = 'RevocationFailedError';
  const reported = cause instanceof ApplicationFailure ? reportedFailure(cause, spec) : undefined;
  return failureOf(reported?.type === type ? reported : undecidedFailure(type, spec, Date.now()));
}

function revokeToken({ state }: Keeper): Promise<unknown> {
  const { revokeToken: run } = proxyActivities<RefreshActivities>({
    ...activityOptions(state, `revoke ${state.spec.id} at generation ${state.generation}`),
    ...priorityOf(state, REVOKE_PRIORITY),
    startToCloseTimeout: REVOKE_TIMEOUT_MS,
    scheduleToCloseTimeout: REVOKE_WINDOW_MS,
  });
  const request: RevokeTokenRequest = {
    credentialId: state.spec.id,
    provider: state.spec.provider,
    config: state.spec.config,
    material: state.spec.material,
    lineage: lineageOf(state.spec),
    application: state.application,
    generation: state.generation,
    wantedAtMs: Date.now(),
    ...defined({
      returns: state.returns,
      doubtSinceMs: state.doubtSinceMs,
      movedSinceMs: state.movedSinceMs,
      journalId: state.journalId,
      accessToken: state.token?.value,
    }),
  };
  return run(request);
}
