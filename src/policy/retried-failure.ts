import type { FailureDetails } from '../contract/failures.js';

/** Codes of attempts that say nothing of the provider. */
const OF_THE_WORKER: readonly string[] = ['unexpected_error', 'attempt_lost', 'attempt_undecided'];

type Answered = Pick<FailureDetails, 'code' | 'httpStatus'>;

/** What an operator should do about a failure that passes by itself, unless it lasts. */
export function transientWords(failure: Answered): string {
  return `nothing: it is tried again; if it lasts, ${lastingCause(failure)}`;
}

/** What an operator should do about a refusal that is not believed yet. */
export function unconfirmedWords({ httpStatus }: Answered): string {
  const answer = 'the answer is not in the provider’s own shape, so a gateway may have sent it';
  return httpStatus === 401 || httpStatus === 403
    ? `${answer}, or the token may have expired; check the address in the config and the token if this goes on`
    : `${answer}; check the address in the config if this goes on`;
}

function lastingCause({ code, httpStatus = 0 }: Answered): string {
  if (OF_THE_WORKER.includes(code)) return 'look at the worker’s log';
  if (code === 'attempt_too_late') return 'the worker or its journal is too slow';
  if (code === 'look_up_failed') return 'check the issuer and discovery in the config';
  if (httpStatus >= 300 && httpStatus < 400) {
    return 'the address answers with redirects, which are not followed; correct it in the config';
  }
  // Abitmedia repeats the status in the body, where others have a code.
  const isUncoded = code === `http_${httpStatus}` || code === `${httpStatus}`;
  if (isUncoded && (httpStatus === 401 || httpStatus === 403)) {
    return 'check the client and the login';
  }
  return 'look at the provider’s status page';
}
