import type { FailureDetails, FailureType } from '../contract/failures.js';
import { dateText } from './date-text.js';
import { OPERATOR_CLOCK_TOLERANCE_MS } from './keeper-numbers.js';
import { isConfigurationRefused } from './refused-material.js';
import { transientWords, unconfirmedWords } from './retried-failure.js';

/** What the advice depends on. */
type AdviceFacts = Pick<
  FailureDetails,
  'code' | 'httpStatus' | 'doubtSinceMs' | 'journalId' | 'replacedAtMs' | 'clientRejectedAtMs'
> & {
  readonly type: FailureType;
};

/** What an operator should do about a failure. */
export interface OperatorAdvice {
  /** What is so, and what to do before the command. */
  readonly words: string;
  readonly command?: AdvisedCommand;
}

/** The command that helps. */
export interface AdvisedCommand {
  /** What leads from the words to the command. */
  readonly lead: string;
  readonly command: string;
  /** Whether the name of a credentials file follows, which only the operator knows. */
  readonly takesFile?: boolean;
  /** Whether it gives something up: then it is right only under the condition that the words name. */
  readonly givesUp?: boolean;
}

/** Stands for the credentials file where its name is not known. */
const UNNAMED_FILE = 'FILE';

/** What an operator should do about a failure, as a sentence without a full stop. */
export function operatorAction(failure: AdviceFacts, credentialId: string): string {
  return adviceText(operatorAdvice(failure, credentialId));
}

/** Advice as a sentence without a full stop. */
export function adviceText({ words, command }: OperatorAdvice, file?: string): string {
  return command === undefined ? words : `${words}${command.lead}${commandText(command, file)}`;
}

/** A command as an operator types it. */
export function commandText(
  { command, takesFile }: Omit<AdvisedCommand, 'lead'>,
  file = UNNAMED_FILE,
): string {
  return takesFile === true ? `${command} -f ${file}` : command;
}

/** What an operator should do about a failure, with the command apart from the words. */
export function operatorAdvice(failure: AdviceFacts, credentialId: string): OperatorAdvice {
  if (failure.code === 'login_replaced') {
    return { words: replacedLoginMessage(failure.replacedAtMs ?? 0) };
  }
  switch (failure.type) {
    case 'PermanentRefreshError':
      return permanentAdvice(failure, credentialId);
    case 'ClientRejectedError':
      return {
        words: `${rejectedClientCause(failure, credentialId)}; repair the client id or secret`,
        command: { lead: ' and run: ', command: 'evertoken apply', takesFile: true },
      };
    case 'WorkerMisconfiguredError':
      return {
        words:
          failure.code === 'destination_refused'
            ? 'nothing may be sent to the address; allow its host on the worker, or apply a file with another address'
            : 'the worker lacks what the credential names; set it on the worker or apply a corrected file',
      };
    case 'JournalUnavailableError':
      return journalAdvice(failure, credentialId);
    case 'UnconfirmedRefreshError':
      return { words: unconfirmedWords(failure) };
    case 'AwaitingAnswerError':
      return { words: 'nothing: an earlier request may still be open and is waited out' };
    case 'TurnAwaitedError':
      return {
        words:
          failure.code === 'client_on_trial'
            ? 'nothing: another credential’s request finds out whether the client is accepted again'
            : 'nothing: as many requests as one host may have at once are open there; if it lasts, the host is slow or hangs',
      };
    case 'RetryAfterHoldError':
      return { words: 'nothing: the next request is held back until the wait is over' };
    case 'TransientRefreshError':
      return { words: transientWords(failure) };
    case 'RevocationFailedError':
      return revocationAdvice(failure.code, credentialId);
    case 'NotFreshInTimeError':
    case 'TooManyCallersError':
    case 'UnsatisfiableValidityError':
    case 'KeeperStoppedError':
      return { words: 'nothing: this concerns the caller alone' };
    case 'ApplyRefusedError':
      return { words: refusedRequestWords(failure.code) };
  }
}

function refusedRequestWords(code: string): string {
  switch (code) {
    case 'request_outdated':
      return 'the credential has changed since the request was made; ask again';
    case 'request_untimely':
      return `the clock of whoever asks is more than ${OPERATOR_CLOCK_TOLERANCE_MS / 60_000} minutes off, or the same was asked before; set the clock, and ask again`;
    default:
      return 'nothing: this concerns the caller alone';
  }
}

/** What whoever applies a replaced login should do. */
export function replacedLoginMessage(replacedAtMs: number): string {
  const at = dateText(replacedAtMs);
  return (
    `this login was replaced by a later one at ${at}, and its material is spent; apply the file with the later login, ` +
    'or return to this one with: evertoken apply --return-to-earlier-login -f FILE'
  );
}

function permanentAdvice(failure: AdviceFacts, credentialId: string): OperatorAdvice {
  if (failure.code === 'login_forgotten') {
    return {
      words:
        `this login was replaced by a later one at ${dateText(failure.replacedAtMs ?? 0)}, its first token may be spent, and the journal does not keep any more what ` +
        'came after it; apply the file with the later login, or obtain new material',
      command: {
        lead: ' and run: ',
        command: `evertoken reauthorize ${credentialId}`,
        takesFile: true,
      },
    };
  }
  if (failure.code === 'settings_replaced') {
    return {
      words:
        'newer settings than these were applied once, and nothing was sent with the older ones',
      command: { lead: '; run: ', command: 'evertoken apply', takesFile: true },
    };
  }
  if (isConfigurationRefused(failure.code)) {
    return {
      words:
        'the provider refuses the request for good, without saying that the material is dead; correct the address or the configuration ' +
        'in the file if one is wrong, or else put new material into it',
      command: { lead: ' and run: ', command: 'evertoken apply', takesFile: true },
    };
  }
  return {
    words: `${permanentCause(failure)} obtain new material`,
    command: {
      lead: ' and run: ',
      command: `evertoken reauthorize ${credentialId}`,
      takesFile: true,
    },
  };
}

function permanentCause({ code, doubtSinceMs = 0 }: AdviceFacts): string {
  if (code === 'beyond_renewal') {
    // Of a token whose life nobody knows, the first refusal says so: it may be of the request alone.
    return 'the access token renews only itself, and has expired or is refused; if it should live still, correct the config and apply the file; otherwise';
  }
  if (code === 'outcome_unknown') {
    const at = dateText(doubtSinceMs);
    return (
      `since ${at} a request may have spent the material of which nobody knows the answer; the grant itself may still be good; ` +
      'to apply the same file again sends nothing, and brings the credential back if the answer has reached the journal since; otherwise'
    );
  }
  return 'the provider refuses this material for good; most often it was revoked, has expired, or was spent by another system that shares it;';
}

function rejectedClientCause({ clientRejectedAtMs }: AdviceFacts, credentialId: string): string {
  if (clientRejectedAtMs === undefined) return 'the provider rejects the client registration';
  const at = dateText(clientRejectedAtMs);
  return (
    `the provider rejects the client registration, as a request for another credential of the client found at ${at}, so none was ` +
    `sent for this one (evertoken refresh ${credentialId} --now sends one)`
  );
}

function journalAdvice({ code, journalId }: AdviceFacts, credentialId: string): OperatorAdvice {
  switch (code) {
    case 'other_journal':
      return {
        words: `the worker has another journal than this credential uses [journal=${journalId ?? 'unknown'}]; give it the same one, or, where that is lost,`,
        command: {
          lead: ' run: ',
          command: `evertoken journal move ${credentialId} --to ${journalId ?? 'ID'}`,
          givesUp: true,
        },
      };
    case 'journal_undecipherable':
      return {
        words:
          'the journal entry does not open with the keys of the worker; set the key that evertoken keys usage names, ' +
          'or, where that is lost, obtain new material',
        command: {
          lead: ' and run: ',
          command: `evertoken forget ${credentialId} --terminate, then evertoken apply`,
          takesFile: true,
          givesUp: true,
        },
      };
    default:
      return {
        words:
          'the worker cannot use its refresh journal; its log says why; check EVERTOKEN_JOURNAL_DIR, its disk and rights, or the database of EVERTOKEN_JOURNAL_URL',
      };
  }
}

function revocationAdvice(code: string, credentialId: string): OperatorAdvice {
  const stop = { lead: ' and run: ', command: `evertoken stop ${credentialId}` };
  switch (code) {
    case 'no_revocation_endpoint':
      return {
        words:
          'no revocation endpoint is known; name it as revocationEndpoint in the config, or revoke the grant at the provider',
        command: stop,
      };
    case 'newest_token_unknown':
      return {
        words: 'there is or may be a newer refresh token than the keeper knows; learn it first',
        command: { lead: ', with: ', command: `evertoken refresh ${credentialId}` },
      };
    case 'journal_undecipherable':
      return {
        words:
          'the entry in the journal does not open; give the workers the key that evertoken keys usage names, and revoke again, or revoke the grant at the provider',
        command: stop,
      };
    case 'attempt_undecided':
      return {
        words:
          'nobody knows whether the provider has revoked the grant; the keeper goes on, and its next refresh shows it; revoke again later, or revoke the grant at the provider',
        command: stop,
      };
    default:
      return {
        words: 'the keeper goes on; revoke again later, or revoke the grant at the provider',
        command: stop,
      };
  }
}
