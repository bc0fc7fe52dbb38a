import type { FailureDetails } from '../contract/failures.js';

/** The sentence that a failure shows in the Temporal UI: facts in brackets, then what to do. No text of the provider. */
export function failureMessage(details: FailureDetails): string {
  const facts = [
    `provider=${details.provider}`,
    `code=${details.code}`,
    ...(details.httpStatus === undefined ? [] : [`status=${details.httpStatus}`]),
  ];
  return `no token [${facts.join(', ')}]: ${details.action}`;
}
