import type { Token } from '../contract/credential.js';
import type { RefreshResult } from '../contract/refresh-activity.js';

/**
 * The token of a result, dated. Its attempt dates it as early as it may have been issued; how long the attempt waited
 * for a worker, only that worker's wall clock tells, which is believed up to the keeper's own time. So a wrong clock
 * costs at most that wait.
 */
export function datedToken(
  {
    token,
    waitedMs,
    hasStatedExpiry,
  }: Pick<RefreshResult, 'token' | 'waitedMs' | 'hasStatedExpiry'>,
  nowMs: number,
): Token {
  const laterMs = Math.max(Math.min(waitedMs, nowMs - token.issuedAtMs), 0);
  const { issuedAtMs, expiresAtMs } = token;
  return {
    ...token,
    issuedAtMs: issuedAtMs + laterMs,
    expiresAtMs: hasStatedExpiry === true ? expiresAtMs : expiresAtMs + laterMs,
  };
}
