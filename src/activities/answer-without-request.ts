import type { JournalEntry } from '../contract/journal-entry.js';
import type { RefreshRequest, RefreshResult } from '../contract/refresh-activity.js';
import { type AttemptDecision, decideAttempt } from '../policy/attempt-decision.js';
import { recordedLogin, withReturnedLogin } from '../policy/journal-record.js';
import { REFUSED_LOGINS } from '../policy/unconfirmed-login.js';
import type { AttemptContext } from './attempt-context.js';
import { leftBy, type BoundCredential, withSuccessor } from './bound-credential.js';

/** What an attempt is about to do, and what it knows for that. */
export interface Beginning {
  /** The credential with the newest material that the journal knows. */
  readonly bound: BoundCredential;
  /** What the attempt found in the journal. */
  readonly found: JournalEntry | undefined;
  readonly decision: AttemptDecision;
}

/** A decision that needs no request, now or later. */
type WithoutRequest = Exclude<AttemptDecision, { do: 'send' | 'hold' | 'await-answer' }>;

/** Looks into the journal and decides. Rejects with a failure of ours where the journal cannot be read. */
export async function beginAttempt(
  { deps, request, attempt, journal }: AttemptContext,
  asHeld: BoundCredential,
): Promise<Beginning> {
  const found = await journal.read();
  const bound = withSuccessor(asHeld, found, request.lineage);
  const facts = {
    request,
    execution: attempt.execution,
    entry: found,
    journalId: deps.journal.id,
    fingerprint: bound.fingerprint,
    spendsSuccessor: bound.fingerprint !== bound.heldFingerprint,
    settings: bound.settings,
    leftBy: leftBy(bound),
    rotates: bound.provider.rotates,
    spendsToken: bound.provider.spendsToken,
    sentWithJournal: attempt.sentWithJournal(),
    scheduledAtMs: attempt.scheduledAtMs,
  };
  return { bound, found, decision: decideAttempt(facts, attempt.clock.now()) };
}

/** Carries out a decision that needs no request. Rejects with the failure where that is a refusal. */
export async function answerWithoutRequest(
  context: AttemptContext,
  { bound, found }: Beginning,
  decision: WithoutRequest,
): Promise<RefreshResult> {
  const { deps, report } = context;
  switch (decision.do) {
    case 'return':
      return fromJournal(context, decision.result, found);
    case 'return-to-login': {
      const nowMs = context.attempt.clock.now();
      const owner = ownerOf(context.request, bound);
      const next = withReturnedLogin(owner, decision.entry, decision.answer, nowMs);
      await context.journal.replace(decision.entry, next);
      return fromJournal(context, next.answer, next);
    }
    case 'refuse-journal':
      throw report.withoutAnswer('JournalUnavailableError', 'other_journal', {
        journalId: deps.journal.id,
      });
    case 'refuse-login':
    case 'refuse-forgotten-login':
      throw report.withoutAnswer('PermanentRefreshError', REFUSED_LOGINS[decision.do], {
        replacedAtMs: decision.replacedAtMs,
        application: decision.application,
      });
    case 'refuse-settings':
      throw report.withoutAnswer('PermanentRefreshError', 'settings_replaced', {
        application: decision.application,
      });
    case 'refuse-material':
      throw report.withoutAnswer('PermanentRefreshError', 'outcome_unknown', {
        doubtSinceMs: decision.doubtSinceMs,
      });
  }
}

/** Whose the entry is that an attempt writes. */
export function ownerOf(
  request: RefreshRequest,
  { settings }: BoundCredential,
): RefreshRequest & Pick<BoundCredential, 'settings'> {
  return { ...request, settings };
}

/** A recorded answer, with what the journal knows of its login now. */
function fromJournal(
  { deps, request, report }: AttemptContext,
  result: RefreshResult,
  entry: JournalEntry | undefined,
): RefreshResult {
  deps.metrics.answeredFromJournal(request.provider);
  report.log('info', 'refresh answered from the journal');
  return {
    ...result,
    ...(entry === undefined ? {} : recordedLogin(entry)),
    journalId: deps.journal.id,
    // Recorded before the server was asked how long its attempt had waited.
    waitedMs: 0,
  };
}
