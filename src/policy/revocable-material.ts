import type { JournalEntry } from '../contract/journal-entry.js';
import type { RevokeTokenRequest } from '../contract/revocation.js';

/**
 * What the provider replaced of the material since the keeper last heard; `unknown` while an earlier request may have
 * brought more. A server takes a spent refresh token for revoked already (RFC 7009, section 2.2), so to present one would
 * leave its successor alive and call it dead.
 */
export function replacedSince(
  request: Pick<RevokeTokenRequest, 'lineage' | 'generation'>,
  entry: JournalEntry | undefined,
): Readonly<Record<string, string>> | 'unknown' {
  if (entry === undefined || entry.lineage !== request.lineage) return {};
  if (entry.intent !== undefined || entry.doubt !== undefined) return 'unknown';
  const { answer } = entry;
  return answer !== undefined && answer.generation > request.generation
    ? answer.replacedMaterial
    : {};
}

/** The entry of a login that was revoked: its newest token is over, so that nobody is served it should all else be lost. */
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
