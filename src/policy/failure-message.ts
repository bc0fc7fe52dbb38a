import type { FailureDetails, FailureType } from '../contract/failures.js';

/** The sentence that a failure shows in the Temporal UI: facts in brackets, then what to do. No text of the provider. */
export function failureMessage(details: FailureDetails, type?: FailureType): string {
  const facts = [
    `provider=${details.provider}`,
    `code=${details.code}`,
    ...(details.httpStatus === undefined ? [] : [`status=${details.httpStatus}`]),
  ];
  const outcome = type === 'RevocationFailedError' ? 'not revoked' : 'no token';
  return `${outcome} [${facts.join(', ')}]: ${details.action}`;
}
