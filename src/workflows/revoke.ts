import { ActivityFailure, ApplicationFailure, proxyActivities } from '@temporalio/workflow';
import { defined } from '../contract/defined.js';
import { providerTaskQueue } from '../contract/names.js';
import type { FailureCode, FailureType } from '../contract/failures.js';
import { fitsRevokeTokenResult } from '../contract/payload-checks.js';
import type { RefreshActivities } from '../contract/refresh-activity.js';
import type { RevokeTokenRequest } from '../contract/revocation.js';
import { failureSummaryOf } from '../policy/failed-refresh.js';
import { failureMessage } from '../policy/failure-message.js';
import { lineageOf } from '../policy/lineage.js';
import { ATTEMPT_TIMEOUT_MS, REVOKE_WINDOW_MS, RETRY_FIRST_MS } from '../policy/attempt-numbers.js';
import type { Keeper, Revocation } from './keeper.js';
import { uniqueActivityId } from './run.js';

/** Makes a wanted revocation. Once the grant is gone the keeper ends; otherwise it goes on as before. */
export async function revoke(keeper: Keeper, revocation: Revocation): Promise<void> {
  const failure = await failureOf(keeper);
  revocation.outcome = failure ?? 'revoked';
  keeper.revocation = undefined;
  if (failure === undefined) keeper.endRevoked(Date.now());
}

async function failureOf(keeper: Keeper): Promise<ApplicationFailure | undefined> {
  try {
    const result: unknown = await revokeToken(keeper);
    const isOurs = fitsRevokeTokenResult(result) && result.credentialId === keeper.state.spec.id;
    return isOurs ? undefined : undecided(keeper);
  } catch (error) {
    const cause = error instanceof ActivityFailure ? error.cause : undefined;
    return cause instanceof ApplicationFailure ? cause : undecided(keeper);
  }
}

function revokeToken({ state }: Keeper): Promise<unknown> {
  const { revokeToken: run } = proxyActivities<RefreshActivities>({
    taskQueue: providerTaskQueue(state.spec.provider, state.spec.group),
    activityId: uniqueActivityId(),
    startToCloseTimeout: ATTEMPT_TIMEOUT_MS,
    scheduleToCloseTimeout: REVOKE_WINDOW_MS,
    retry: { initialInterval: RETRY_FIRST_MS, backoffCoefficient: 2 },
    summary: `revoke ${state.spec.id} at generation ${state.generation}`,
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
      journalId: state.journalId,
      accessToken: state.token?.value,
    }),
  };
  return run(request);
}

/** No worker took it in time, or its answer is none of ours. */
function undecided({ state }: Keeper): ApplicationFailure {
  const type: FailureType = 'RevocationFailedError';
  const code: FailureCode = 'attempt_undecided';
  const { id: credentialId, provider } = state.spec;
  const details = failureSummaryOf({ type, provider, code, credentialId, atMs: Date.now() });
  return ApplicationFailure.nonRetryable(failureMessage(details, type), type, details);
}
