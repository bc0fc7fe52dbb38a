import type { Token } from '../contract/credential.js';
import type { RefreshResult } from '../contract/refresh-activity.js';

/**
 * The token of a result, dated. Its attempt dates it as early as it may have been issued, and says by the server's word how
 * long it had waited for a worker. Whatever that is, no token is issued in the keeper's future.
 */
export function datedToken(
  {
    token,
    waitedMs,
    hasStatedExpiry,
  }: Pick<RefreshResult, 'token' | 'waitedMs' | 'hasStatedExpiry'>,
  nowMs: number,
): Token {
  // Less than none where the server's clock was set back since.
  const laterMs = Math.min(Math.max(waitedMs, 0), nowMs - token.issuedAtMs);
  const { issuedAtMs, expiresAtMs } = token;
  return {
    ...token,
    issuedAtMs: issuedAtMs + laterMs,
    expiresAtMs: hasStatedExpiry === true ? expiresAtMs : expiresAtMs + laterMs,
  };
}
