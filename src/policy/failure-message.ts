import type { FailureDetails, FailureType } from '../contract/failures.js';

/** The sentence that a failure shows in the Temporal UI: facts in brackets, then what to do. No text of the provider. */
export function failureMessage(details: FailureDetails, type?: FailureType): string {
  const facts = [
    `provider=${details.provider}`,
    `code=${details.code}`,
    ...(details.httpStatus === undefined ? [] : [`status=${details.httpStatus}`]),
  ];
  return `${outcomeOf(type)} [${facts.join(', ')}]: ${details.action}`;
}

function outcomeOf(type: FailureType | undefined): string {
  switch (type) {
    case 'RevocationFailedError':
      return 'not revoked';
    case 'ApplyRefusedError':
      return 'refused';
    default:
      return 'no token';
  }
}
