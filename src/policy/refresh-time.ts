import type { RefreshTiming, Token } from '../contract/credential.js';
import {
  LEAD_JITTER_SHARE,
  LEAD_MAX_MS,
  LEAD_MAX_SHARE_OF_LIFE,
  LEAD_MIN_MS,
  LEAD_SHARE_OF_LIFE,
  UNFORCED_SPACING_MS,
} from './numbers.js';

/** How long before expiry the refresh of a token with this life starts, in milliseconds, before jitter. */
export function leadMs(lifeMs: number, timing: RefreshTiming): number {
  const wanted =
    timing.leadMs ?? Math.min(Math.max(lifeMs * LEAD_SHARE_OF_LIFE, LEAD_MIN_MS), LEAD_MAX_MS);
  return Math.min(wanted, lifeMs * LEAD_MAX_SHARE_OF_LIFE);
}

/**
 * When the refresh of a token is due. Draw `jitter` (0 to 1) once per generation and store the result:
 * drawn at every look, it would creep.
 */
export function refreshDueAtMs(token: Token, timing: RefreshTiming, jitter: number): number {
  const lifeMs = Math.max(token.expiresAtMs - token.issuedAtMs, 0);
  const lead = leadMs(lifeMs, timing);
  const withJitter = Math.min(
    lead * (1 + jitter * LEAD_JITTER_SHARE),
    lifeMs * LEAD_MAX_SHARE_OF_LIFE,
  );
  const due = Math.floor(token.expiresAtMs - withJitter);
  return Math.max(due, notBeforeAgeMs(token, timing));
}

/** Earliest time at which the provider accepts a refresh of this token. */
export function notBeforeAgeMs(token: Token, timing: RefreshTiming): number {
  return token.issuedAtMs + (timing.minimumAgeMs ?? 0);
}

/** When an unforced refresh may really start: due, and far enough from the last one. */
export function unforcedStartAtMs(dueAtMs: number, lastStartedAtMs: number | undefined): number {
  return lastStartedAtMs === undefined
    ? dueAtMs
    : Math.max(dueAtMs, lastStartedAtMs + UNFORCED_SPACING_MS);
}
