import type { FailureDetails } from '../contract/failures.js';
import { CREDENTIAL_ID_PATTERN } from '../contract/names.js';
import { visibleLine } from '../contract/visible-text.js';
import { ID_SHOWN_MAX } from './numbers.js';

/** Why no token can be had, as a closed union. */
export const TOKEN_ERROR_CODES = [
  /** No keeper of this credential is known: it was never applied, or it ended longer ago than the retention. */
  'NOT_FOUND',
  /** The keeper has ended and no refresh will come; `failure` says why and what to do. */
  'PERMANENTLY_FAILED',
  /** The keeper goes on, but no token of the wanted validity came in time. Asking again is right. */
  'NOT_FRESH_IN_TIME',
  /** Temporal cannot be reached, or no worker answers or takes the refresh. */
  'UNAVAILABLE',
  /** The answer is sealed with a key that this process does not have. */
  'UNDECIPHERABLE',
] as const;

export type TokenErrorCode = (typeof TOKEN_ERROR_CODES)[number];

/** No token. The message says what to do and holds no secret. */
export class TokenError extends Error {
  override readonly name = 'TokenError';
  readonly code: TokenErrorCode;
  /** Id of the credential; `*` for `list`. */
  readonly credentialId: string;
  /** The last failure, if one is known: its provider, code, HTTP status and time, and what an operator should do. */
  readonly failure?: FailureDetails;

  constructor(
    code: TokenErrorCode,
    credentialId: string,
    reason: string,
    failure?: FailureDetails,
  ) {
    super(`${reason} [credential=${visibleLine(credentialId.slice(0, ID_SHOWN_MAX))}]`);
    this.code = code;
    this.credentialId = credentialId;
    if (failure !== undefined) this.failure = failure;
  }
}

/** Whether nobody answered: Temporal, or a worker. Asking again may help. */
export function isUnavailable(error: unknown): error is TokenError {
  return error instanceof TokenError && error.code === 'UNAVAILABLE';
}

/** The error of a credential that no keeper keeps. */
export function notFound(credentialId: string): TokenError {
  const reason = CREDENTIAL_ID_PATTERN.test(credentialId)
    ? 'no such credential; apply it first'
    : 'no credential can have this id';
  return new TokenError('NOT_FOUND', credentialId, reason);
}

/** No fresh token of this credential lives as long as was asked: a mistake of the caller, not a state of the keeper. */
export class UnsatisfiableValidityError extends RangeError {
  override readonly name = 'UnsatisfiableValidityError';
}
