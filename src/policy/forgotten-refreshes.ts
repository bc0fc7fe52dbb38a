import type { JournalEntry } from '../contract/journal-entry.js';
import type { RefreshRequest } from '../contract/refresh-activity.js';

/** What tells whether a journal has forgotten refreshes of the keeper's login. */
export interface ForgottenFacts {
  readonly request: Pick<RefreshRequest, 'lineage' | 'generation' | 'currentToken'>;
  /** SHA-256 of the material field to be spent. */
  readonly fingerprint: string;
  /** Whether the attempt spends material that came without a token: the journal knows it, and the keeper does not. */
  readonly spendsSuccessor: boolean;
}

/** An older journal was restored: it does not know of every request, so a refusal proves nothing. */
export function forgottenSinceMs(
  { answer }: Pick<JournalEntry, 'answer'>,
  facts: ForgottenFacts,
  nowMs: number,
): number | undefined {
  if (answer === undefined) return unheardOfSinceMs(facts, nowMs);
  if (facts.spendsSuccessor) return undefined;
  return answer.generation < facts.request.generation ? answer.token.issuedAtMs : undefined;
}

/**
 * Since when refreshes may be missing from the journal. It has no answer of this login although the keeper's material is
 * not as it was applied: an older journal has forgotten refreshes, perhaps one more than the keeper knows.
 */
export function unheardOfSinceMs(
  { request, fingerprint, spendsSuccessor }: ForgottenFacts,
  nowMs: number,
): number | undefined {
  if (fingerprint === request.lineage || spendsSuccessor) return undefined;
  return request.currentToken?.issuedAtMs ?? nowMs;
}
