import { type ServiceError, status as GRPC } from '@grpc/grpc-js';
import {
  isGrpcServiceError,
  QueryNotRegisteredError,
  WorkflowNotFoundError,
  WorkflowUpdateFailedError,
  WorkflowUpdateRPCTimeoutOrCancelledError,
} from '@temporalio/client';
import { ApplicationFailure, NamespaceNotFoundError } from '@temporalio/common';
import { ENDED_ACTIONS, permanentlyFailed } from '../client/ended-keeper.js';
import { notFound, TokenError, UnsatisfiableValidityError } from '../client/token-error.js';
import type { FailureType } from '../contract/failures.js';
import { fitsApplyRefusal, fitsFailureSummary } from '../contract/payload-checks.js';
import { UndecipherableError } from '../encryption/undecipherable-error.js';
import type { Refused } from '../policy/apply.js';
import { failureMessage } from '../policy/failure-message.js';
import { operatorAction } from '../policy/operator-action.js';
import { TemporalUnreachableError } from '../temporal/connect-in-time.js';
import { CLOSED } from '../temporal/open-calls.js';

const SAYS_NOTHING: readonly GRPC[] = [
  GRPC.CANCELLED,
  GRPC.DEADLINE_EXCEEDED,
  GRPC.RESOURCE_EXHAUSTED,
  GRPC.UNAVAILABLE,
];

/** Whether what was asked for is not there, or not any more. */
export function isNotFound(error: unknown): boolean {
  return grpcStatusOf(error)?.code === GRPC.NOT_FOUND;
}

/** Whether the namespace itself is not there. */
export function isNamespaceMissing(error: unknown): boolean {
  return isNotFound(error) && /^namespace\b/i.test(grpcStatusOf(error)?.details ?? '');
}

/** Whether there is no such workflow, or not any more, in a namespace that is there. */
export function isWorkflowMissing(error: unknown): boolean {
  const isMissing = isNotFound(error) && !isNamespaceMissing(error);
  return isMissing || error instanceof WorkflowNotFoundError;
}

/** Whether the server took a call and said no. A server that is away, late or too busy has said nothing. */
export function isRefusal(error: unknown): boolean {
  const code = grpcStatusOf(error)?.code;
  return code !== undefined && !SAYS_NOTHING.includes(code);
}

/** Whether a call met the end of a run. It is repeated, since it may find the next run. */
export function metContinueAsNew(error: unknown): boolean {
  return keeperFailure(error).type === 'AcceptedUpdateCompletedWorkflow';
}

/** Whether an update met a workflow task that failed, as happens at the end of a run. The update was not taken. */
export function metFailedTask(error: unknown): boolean {
  return isUnready(error, /unexpected workflow task failure/i);
}

/** Whether a keeper takes no change any more, because it was told to stop. */
export function isStopping(error: unknown): boolean {
  return keeperFailure(error).type === ('KeeperStoppedError' satisfies FailureType);
}

/** Whether a keeper has as many waiting callers as it may. A further caller has to look again and again. */
export function isCrowded(error: unknown): boolean {
  return (
    isRefusedForNow(error) ||
    keeperFailure(error).type === ('TooManyCallersError' satisfies FailureType)
  );
}

/** Whether the server takes no more such requests now. It takes ten updates to one keeper at a time. */
export function isRefusedForNow(error: unknown): boolean {
  return grpcStatusOf(error)?.code === GRPC.RESOURCE_EXHAUSTED;
}

/** Why the keeper refused an application, if it says so. */
export function applyRefusal(error: unknown): Refused | undefined {
  const { details } = keeperFailure(error);
  return fitsApplyRefusal(details) ? { refused: details } : undefined;
}

/**
 * Why an operator's request was not carried out, for people, if the keeper says so. The words are made here from what is
 * sealed, because anybody can write a message.
 */
export function requestFailure(error: unknown, id: string): string | undefined {
  const { type, details } = keeperFailure(error);
  const ours: readonly FailureType[] = ['RevocationFailedError', 'ApplyRefusedError'];
  if (!fitsFailureSummary(details) || details.type !== type) return undefined;
  if (!ours.includes(details.type)) return undefined;
  return failureMessage({ ...details, action: operatorAction(details, id) }, details.type);
}

/** Whether a call came at a moment at which the server cannot take it, and says so in such words. */
export function isUnready(error: unknown, saying: RegExp): boolean {
  const { code, details } = grpcStatusOf(error) ?? {};
  return code === GRPC.FAILED_PRECONDITION && saying.test(details ?? '');
}

/** Whether the end of its own connection has cut a call short. */
export function isClosed(error: unknown): boolean {
  return grpcStatusOf(error)?.details === CLOSED;
}

/** Whether a call got no answer in time. */
export function isTimeout(error: unknown): boolean {
  const code = grpcStatusOf(error)?.code;
  if (isClosed(error)) return false;
  return (
    error instanceof WorkflowUpdateRPCTimeoutOrCancelledError ||
    code === GRPC.DEADLINE_EXCEEDED ||
    code === GRPC.CANCELLED
  );
}

/** Turns what Temporal's client throws into what readers get. It is the only such place, and lets no message of Temporal pass. */
export function toTokenError(error: unknown, id: string): TokenError | UnsatisfiableValidityError {
  if (error instanceof TokenError || error instanceof UnsatisfiableValidityError) return error;
  const undecipherable = undecipherableIn(error);
  if (undecipherable !== undefined) {
    const reason = `the answer cannot be deciphered: ${undecipherable.message}; check EVERTOKEN_ENCRYPTION_KEYS or EVERTOKEN_READER_KEYS`;
    return new TokenError('UNDECIPHERABLE', id, reason);
  }
  if (error instanceof WorkflowNotFoundError) return notFound(id);
  if (error instanceof WorkflowUpdateFailedError) return updateError(error, id);
  return new TokenError('UNAVAILABLE', id, unavailableReason(error));
}

/** As `toTokenError`, for calls that the server answers alone: no worker is to blame for its silence. */
export function toServerError(error: unknown, id: string): ReturnType<typeof toTokenError> {
  return isTimeout(error)
    ? new TokenError('UNAVAILABLE', id, serverReason(error))
    : toTokenError(error, id);
}

/** As `unavailableReason`, for the same calls. */
export function serverReason(error: unknown): string {
  return isTimeout(error) ? SERVER_SILENT : unavailableReason(error);
}

function updateError(
  error: WorkflowUpdateFailedError,
  id: string,
): TokenError | UnsatisfiableValidityError {
  const { type, details } = keeperFailure(error);
  // Whoever may write to the namespace can make up its type and message. Only what is sealed is a keeper's.
  switch (type as FailureType | undefined) {
    case 'PermanentRefreshError':
      return fitsFailureSummary(details) ? permanentlyFailed(id, details) : untaken(error, id);
    case 'KeeperStoppedError':
      return new TokenError('PERMANENTLY_FAILED', id, ENDED_ACTIONS.stopped);
    case 'UnsatisfiableValidityError':
      return new UnsatisfiableValidityError(
        `no fresh token lives that long; ask for less [credential=${id}]`,
      );
    case 'NotFreshInTimeError':
      return new TokenError('NOT_FRESH_IN_TIME', id, 'no fresh token in time');
    default:
      return untaken(error, id);
  }
}

function untaken(error: WorkflowUpdateFailedError, id: string): TokenError {
  const reason = 'the keeper does not take this request; is its worker older?';
  return new TokenError('UNAVAILABLE', id, requestFailure(error, id) ?? reason);
}

/** The server did not answer. */
export const SERVER_AWAY = 'temporal cannot be reached';

/** Whoever asked has closed the connection. */
export const CLIENT_CLOSED = 'this client was closed';

/** The keeper's task fails. */
export const CANNOT_RUN =
  'the keeper cannot run on its worker, whose log says why; other encryption keys are a common cause';

/** The server is there, and too slow. */
const SERVER_SILENT = 'temporal does not answer in time';

/** No worker serves keepers. */
export const NO_WORKER = 'no worker answers; start one with: evertoken worker';

/** Why Temporal did not answer, for people. */
function unavailableReason(error: unknown): string {
  if (error instanceof TemporalUnreachableError) return error.message;
  if (isClosed(error)) return CLIENT_CLOSED;
  if (error instanceof NamespaceNotFoundError || isNamespaceMissing(error))
    return 'the Temporal namespace does not exist';
  if (error instanceof QueryNotRegisteredError)
    return 'the worker cannot answer for this keeper; is its build older or unfit, or does it lack a key of the keeper?';
  const status = grpcStatusOf(error);
  switch (status?.code) {
    case GRPC.DEADLINE_EXCEEDED:
    case GRPC.CANCELLED:
      return NO_WORKER;
    case GRPC.UNAVAILABLE:
      return SERVER_AWAY;
    case GRPC.RESOURCE_EXHAUSTED:
      return 'temporal takes no more requests now: too many callers wait for this keeper, or the rate limit of the namespace is reached; try again';
    case GRPC.PERMISSION_DENIED:
    case GRPC.UNAUTHENTICATED:
      return 'temporal refuses the API key or certificate';
    case GRPC.FAILED_PRECONDITION:
      if (/no poller/i.test(status.details)) return NO_WORKER;
      return CANNOT_RUN;
    default:
      return `temporal could not answer [status=${status?.code ?? 'unknown'}]`;
  }
}

/** The failure with which a keeper answered an update: its type, and what it sealed with it. Empty for any other error. */
function keeperFailure(error: unknown): Pick<ApplicationFailure, 'type'> & { details?: unknown } {
  const cause = error instanceof WorkflowUpdateFailedError ? error.cause : undefined;
  if (!(cause instanceof ApplicationFailure)) return {};
  return { type: cause.type, details: cause.details?.[0] };
}

/** The answer of the server that a call ended with; `undefined` where it did not end with one. */
export function grpcStatusOf(error: unknown): ServiceError | undefined {
  const status = error instanceof Error && !isGrpcServiceError(error) ? error.cause : error;
  return isGrpcServiceError(status) ? status : undefined;
}

function undecipherableIn(error: unknown): UndecipherableError | undefined {
  for (let at = error; at instanceof Error; at = at.cause) {
    if (at instanceof UndecipherableError) return at;
  }
  return undefined;
}
