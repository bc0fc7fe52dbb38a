import type { FailureDetails, FailureType } from '../contract/failures.js';

/** What the advice depends on. */
type ActionFacts = Pick<
  FailureDetails,
  'code' | 'doubtSinceMs' | 'journalId' | 'replacedAtMs' | 'clientRejectedAtMs'
> & {
  readonly type: FailureType;
};

/** What an operator should do about a failure, as a sentence without a full stop. */
export function operatorAction(failure: ActionFacts, credentialId: string): string {
  switch (failure.type) {
    case 'PermanentRefreshError':
      if (failure.code === 'login_replaced') return replacedLoginMessage(failure.replacedAtMs ?? 0);
      if (failure.code === 'login_forgotten') {
        return forgottenLoginMessage(failure.replacedAtMs ?? 0, credentialId);
      }
      if (failure.code === 'settings_replaced') {
        return 'newer settings than these were applied once, and nothing was sent with the older ones; run: evertoken apply -f FILE';
      }
      return `${permanentCause(failure)}; obtain new material and run: evertoken reauthorize ${credentialId} -f FILE`;
    case 'ClientRejectedError':
      if (failure.clientRejectedAtMs !== undefined)
        return sharedClientAction(failure, credentialId);
      return 'the provider rejects the client registration; repair the client id or secret and run: evertoken apply -f FILE';
    case 'WorkerMisconfiguredError':
      return 'the worker lacks what the credential names; set it on the worker or apply a corrected file';
    case 'JournalUnavailableError':
      if (failure.code === 'other_journal') return otherJournalAction(failure, credentialId);
      if (failure.code === 'journal_undecipherable') return unopenedEntryAction(credentialId);
      return 'the worker cannot use its refresh journal; its log says why; check EVERTOKEN_JOURNAL_DIR, its disk and rights, or the database of EVERTOKEN_JOURNAL_URL';
    case 'UnconfirmedRefreshError':
      return 'the answer is not in the provider’s own shape, so a gateway may have sent it; check the address in the config if this goes on';
    case 'AwaitingAnswerError':
      return 'nothing: an earlier request may still be open and is waited out';
    case 'TurnAwaitedError':
      return failure.code === 'client_on_trial'
        ? 'nothing: another credential’s request finds out whether the client is accepted again'
        : 'nothing: as many requests as one host may have at once are open there; if it lasts, the host is slow or hangs';
    case 'RetryAfterHoldError':
      return 'nothing: the next request is held back until the wait is over';
    case 'TransientRefreshError':
      return 'nothing: it is tried again; if it lasts, look at the provider’s status page';
    case 'RevocationFailedError':
      return revocationAction(failure.code, credentialId);
    case 'NotFreshInTimeError':
    case 'TooManyCallersError':
    case 'UnsatisfiableValidityError':
    case 'KeeperStoppedError':
    case 'ApplyRefusedError':
      return 'nothing: this concerns the caller alone';
  }
}

/** What whoever applies a replaced login should do. */
export function replacedLoginMessage(replacedAtMs: number): string {
  const at = new Date(replacedAtMs).toISOString();
  return (
    `this login was replaced by a later one at ${at}, and its material is spent; apply the file with the later login, ` +
    'or return to this one with: evertoken apply --return-to-earlier-login -f FILE'
  );
}

function forgottenLoginMessage(replacedAtMs: number, credentialId: string): string {
  const at = new Date(replacedAtMs).toISOString();
  return (
    `this login was replaced by a later one at ${at}, its first token may be spent, and the journal does not keep any more what ` +
    `came after it; apply the file with the later login, or obtain new material and run: evertoken reauthorize ${credentialId} -f FILE`
  );
}

function revocationAction(code: string, credentialId: string): string {
  switch (code) {
    case 'no_revocation_endpoint':
      return `no revocation endpoint is known; name it as revocationEndpoint in the config, or revoke the grant at the provider and run: evertoken stop ${credentialId}`;
    case 'newest_token_unknown':
      return `there is or may be a newer refresh token than the keeper knows; learn it first, with: evertoken refresh ${credentialId}`;
    default:
      return `the keeper goes on; revoke again later, or revoke the grant at the provider and run: evertoken stop ${credentialId}`;
  }
}

function sharedClientAction({ clientRejectedAtMs = 0 }: ActionFacts, credentialId: string): string {
  const at = new Date(clientRejectedAtMs).toISOString();
  return (
    `the provider rejects the client registration, as a request for another credential of the client found at ${at}, so none was ` +
    `sent for this one (evertoken refresh ${credentialId} --now sends one); repair the client id or secret and run: evertoken apply -f FILE`
  );
}

function unopenedEntryAction(credentialId: string): string {
  return (
    'the journal entry does not open with the keys of the worker; set the key that evertoken keys usage names, ' +
    `or, where that is lost, obtain new material and run: evertoken forget ${credentialId} --terminate, then evertoken apply -f FILE`
  );
}

function otherJournalAction({ journalId }: ActionFacts, credentialId: string): string {
  return (
    `the worker has another journal than this credential uses [journal=${journalId ?? 'unknown'}]; give it the same one, ` +
    `or, where that is lost, run: evertoken journal move ${credentialId} --to ${journalId ?? 'ID'}`
  );
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
