import { ApplicationFailure, CancelledFailure, Context } from '@temporalio/activity';
import type { FailureType } from '../contract/failures.js';
import { KEEPER_WORKFLOW_TYPE, keeperWorkflowId, LOG_KEYS } from '../contract/names.js';
import type { RefreshActivities } from '../contract/refresh-activity.js';
import { RUNNING_ATTEMPT_LOOK_MS } from '../policy/attempt-numbers.js';
import { type AttemptContext, attemptContext } from './attempt-context.js';
import { tellingDelay } from './delayed-refresh.js';
import type { RefreshDeps } from './ports.js';
import { recordApplication } from './record-application.js';
import { RefreshAttempt } from './refresh-attempt.js';
import { revokeToken } from './revoke-token.js';

/** The activities of evertoken over what they need from outside. One attempt per credential runs at a time. */
export function createActivities(deps: RefreshDeps): RefreshActivities {
  // A worker that stood still finds several attempts of one refresh waiting, of which the server has given up all but one.
  const running = new Set<string>();
  return {
    refreshToken: async (request) => {
      refuseStrangers(request);
      const context = attemptContext(deps, request);
      if (running.has(request.credentialId)) {
        throw context.report.notSent('AwaitingAnswerError', 'request_may_be_open', {
          waitMs: RUNNING_ATTEMPT_LOOK_MS,
        });
      }
      running.add(request.credentialId);
      try {
        return await tellingDelay(deps.tellDelay, context.attempt, () =>
          foreseen(context, new RefreshAttempt(context).run()),
        );
      } finally {
        running.delete(request.credentialId);
      }
    },
    recordApplication: async (request) => {
      refuseStrangers(request);
      const context = attemptContext(deps, request);
      return foreseen(context, recordApplication(context));
    },
    revokeToken: async (request) => {
      refuseStrangers(request);
      return revokeToken(deps, request);
    },
  };
}

/**
 * Refuses a workflow that is not the credential's keeper. Anybody who may write to the namespace can start one that asks
 * for what was sealed for a keeper, so its name alone proves nothing: its type must be the keeper's too.
 */
function refuseStrangers({ credentialId }: { readonly credentialId: string }): void {
  const { workflowType, workflowExecution } = Context.current().info;
  const isKeeper = workflowType === KEEPER_WORKFLOW_TYPE;
  if (isKeeper && workflowExecution?.workflowId === keeperWorkflowId(credentialId)) return;
  const type: FailureType = 'ApplyRefusedError';
  throw ApplicationFailure.nonRetryable('only the keeper of the credential may ask for this', type);
}

/** Turns an unforeseen error into a failure that holds only the error's name, since its text may quote a secret. */
async function foreseen<Result>(
  { report }: AttemptContext,
  work: Promise<Result>,
): Promise<Result> {
  try {
    return await work;
  } catch (error) {
    if (error instanceof ApplicationFailure || error instanceof CancelledFailure) throw error;
    report.log('warn', 'refresh failed unexpectedly', {
      [LOG_KEYS.failureCode]: error instanceof Error ? error.name : typeof error,
    });
    throw report.notSent('TransientRefreshError', 'unexpected_error');
  }
}
