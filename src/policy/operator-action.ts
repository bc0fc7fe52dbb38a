import type { FailureType } from '../contract/failures.js';

/** What an operator should do about a failure, as a sentence without a full stop. */
export function operatorAction(
  failure: { readonly type: FailureType; readonly code: string; readonly doubtSinceMs?: number },
  credentialId: string,
): string {
  switch (failure.type) {
    case 'PermanentRefreshError':
      return `${permanentCause(failure)}; obtain new material and run: evertoken reauthorize ${credentialId} -f FILE`;
    case 'ClientRejectedError':
      return 'the provider rejects the client registration; repair the client id or secret and run: evertoken apply -f FILE';
    case 'WorkerMisconfiguredError':
      return 'the worker lacks what the credential names; set it on the worker or apply a corrected file';
    case 'JournalUnavailableError':
      return 'the worker cannot use its refresh journal; check EVERTOKEN_JOURNAL_DIR, its disk and rights, or the database of EVERTOKEN_JOURNAL_URL';
    case 'UnconfirmedRefreshError':
      return 'the answer is not in the provider’s own shape, so a gateway may have sent it; check the address in the config if this goes on';
    case 'AwaitingAnswerError':
      return 'nothing: an earlier request may still be open and is waited out';
    case 'RetryAfterHoldError':
      return 'nothing: the next request is held back until the wait is over';
    case 'TransientRefreshError':
      return 'nothing: it is tried again; if it lasts, look at the provider’s status page';
    case 'NotFreshInTimeError':
    case 'UnsatisfiableValidityError':
    case 'KeeperStoppedError':
    case 'ApplicationRefusedError':
      return 'nothing: this concerns the caller alone';
  }
}

function permanentCause(failure: {
  readonly code: string;
  readonly doubtSinceMs?: number;
}): string {
  if (failure.code === 'beyond_renewal') {
    return 'the access token expired before it was renewed, and it renews only itself';
  }
  if (failure.code === 'outcome_unknown') {
    const at = new Date(failure.doubtSinceMs ?? 0).toISOString();
    return `a request sent at ${at} was never clearly answered and may have spent the material; the grant itself may still be good`;
  }
  return 'the provider refuses this material for good; most often it was revoked, has expired, or was spent by another system that shares it';
}
