import type { JournalEntry } from '../contract/journal-entry.js';
import type { RevokeTokenRequest } from '../contract/revocation.js';
import { isSpentBy, type SpentFacts } from './attempt-decision.js';
import { type ForgottenFacts, forgottenSinceMs, unheardOfSinceMs } from './forgotten-refreshes.js';
import { loginOf, relationTo } from './lineage.js';

/** What is known of a grant that is about to be revoked. */
export interface RevocationFacts extends SpentFacts, ForgottenFacts {
  readonly request: Pick<
    RevokeTokenRequest,
    'lineage' | 'application' | 'returns' | 'generation' | 'doubtSinceMs' | 'movedSinceMs'
  >;
  readonly entry: JournalEntry | undefined;
  /** SHA-256 of the settings that the request goes out with. */
  readonly settings: string;
  /** A refresh brings new material, which nobody knows where the journal that did is lost. */
  readonly rotates: boolean;
}

/**
 * Whether the material of a revocation is the newest, by all that the journal knows. If it is not, the keeper was reset
 * or the request is an old one, and a refresh tells the keeper more. A server treats a spent refresh token as revoked
 * already (RFC 7009, section 2.2): revoking one would leave its successor alive and call it dead.
 */
export function isNewestMaterial(facts: RevocationFacts): boolean {
  const { request, entry, settings } = facts;
  if (entry === undefined) return !isInDoubt(facts);
  const isOlder = request.application < entry.application;
  if (isOlder && settings !== entry.settings) return false;
  switch (relationTo(entry, request)) {
    case 'replaced':
      return false;
    case 'new': {
      const login = loginOf(entry.earlierLogins, request.lineage);
      const isKept = login?.answer !== undefined || login?.doubt !== undefined;
      return !isOlder && !isKept && !isInDoubt(facts);
    }
    case 'same':
      return isNewestOfLogin(facts, entry);
  }
}

function isNewestOfLogin(facts: RevocationFacts, entry: JournalEntry): boolean {
  const { answer } = entry;
  if (entry.intent !== undefined || entry.doubt !== undefined) return false;
  const isMoved = facts.request.movedSinceMs !== undefined;
  if (facts.rotates && (isMoved || forgottenSinceMs(entry, facts, 0) !== undefined)) return false;
  if (answer === undefined) return true;
  return answer.generation <= facts.request.generation && !isSpentBy(answer, facts);
}

/** The journal knows nothing of the login: by the rules of a refresh, its newest token may be one that nobody knows. */
function isInDoubt(facts: RevocationFacts): boolean {
  if (!facts.rotates) return false;
  const { doubtSinceMs, movedSinceMs } = facts.request;
  return (doubtSinceMs ?? movedSinceMs ?? unheardOfSinceMs(facts, 0)) !== undefined;
}

/**
 * The entry of a login that was revoked. Its newest token counts as over, so it is served to nobody even if all else is
 * lost.
 */
export function withRevokedAnswer(
  { lineage }: Pick<RevokeTokenRequest, 'lineage'>,
  entry: JournalEntry | undefined,
  nowMs: number,
): JournalEntry | undefined {
  if (entry?.answer === undefined || entry.lineage !== lineage) return undefined;
  const { token } = entry.answer;
  const expiresAtMs = Math.max(Math.min(token.expiresAtMs, nowMs), token.issuedAtMs);
  return { ...entry, answer: { ...entry.answer, token: { ...token, expiresAtMs } } };
}
