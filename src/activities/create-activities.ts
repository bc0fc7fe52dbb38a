import { ApplicationFailure, CancelledFailure, Context } from '@temporalio/activity';
import type { FailureType } from '../contract/failures.js';
import { KEEPER_WORKFLOW_TYPE, keeperWorkflowId, LOG_KEYS } from '../contract/names.js';
import type { RefreshActivities, RefreshResult } from '../contract/refresh-activity.js';
import type { RevokeTokenRequest } from '../contract/revocation.js';
import { RUNNING_ATTEMPT_LOOK_MS } from '../policy/attempt-numbers.js';
import { type AttemptContext, attemptContext } from './attempt-context.js';
import { tellingDelay } from './delayed-refresh.js';
import type { RefreshDeps } from './ports.js';
import { recordApplication } from './record-application.js';
import { RefreshAttempt } from './refresh-attempt.js';
import { notRevokedFailure, revokeToken } from './revoke-token.js';

/** The activities of evertoken over what they need from outside. One attempt per credential runs at a time. */
export function createActivities(deps: RefreshDeps): RefreshActivities {
  // A worker that stood still finds several attempts of one refresh waiting, of which the server has given up all but one.
  const running = new Set<string>();
  return {
    refreshToken: async (request) => {
      refuseStrangers(request);
      const context = attemptContext(deps, request);
      if (running.has(request.credentialId)) {
        throw context.report.waits(
          'AwaitingAnswerError',
          'request_may_be_open',
          RUNNING_ATTEMPT_LOOK_MS,
        );
      }
      running.add(request.credentialId);
      try {
        return await tellingDelay(deps.tellDelay, context.attempt, () =>
          foreseen(attemptRefresh(context), unforeseenRefresh(context)),
        );
      } finally {
        running.delete(request.credentialId);
      }
    },
    recordApplication: async (request) => {
      refuseStrangers(request);
      const context = attemptContext(deps, request);
      return foreseen(recordApplication(context), unforeseenRefresh(context));
    },
    revokeToken: async (request) => {
      refuseStrangers(request);
      return foreseen(revokeToken(deps, request), unforeseenRevocation(deps, request));
    },
  };
}

/** Sends nothing while the journal lacks an answer that this process holds: it still names a token that may be spent. */
async function attemptRefresh(context: AttemptContext): Promise<RefreshResult> {
  const { deps, request, report } = context;
  if (deps.late.isPending(request.credentialId)) {
    throw report.withoutAnswer('JournalUnavailableError', 'answer_not_recorded');
  }
  return new RefreshAttempt(context).run();
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

/** What becomes of an unforeseen error. */
type Unforeseen = (error: unknown) => ApplicationFailure;

/** Turns an unforeseen error into a failure that holds nothing of it, since its text may quote a secret. */
async function foreseen<Result>(work: Promise<Result>, unforeseen: Unforeseen): Promise<Result> {
  try {
    return await work;
  } catch (error) {
    if (error instanceof ApplicationFailure || error instanceof CancelledFailure) throw error;
    throw unforeseen(error);
  }
}

function unforeseenRefresh({ report }: AttemptContext): Unforeseen {
  return (error) => {
    report.log('warn', 'refresh failed unexpectedly', { error });
    return report.withoutAnswer('TransientRefreshError', 'unexpected_error');
  };
}

function unforeseenRevocation(deps: RefreshDeps, request: RevokeTokenRequest): Unforeseen {
  return (error) => {
    deps.log.warn('revocation failed unexpectedly', {
      [LOG_KEYS.credentialId]: request.credentialId,
      [LOG_KEYS.provider]: request.provider,
      error,
    });
    return notRevokedFailure(request, { code: 'unexpected_error', mayPass: true });
  };
}
