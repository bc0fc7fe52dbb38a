import type { RefreshTiming, Token } from '../contract/credential.js';
import {
  LEAD_JITTER_SHARE,
  LEAD_MAX_MS,
  LEAD_MAX_SHARE_OF_LIFE,
  LEAD_MIN_MS,
  LEAD_SHARE_OF_LIFE,
  MATERIAL_EXPIRY_NOTICE_MS,
  UNFORCED_SPACING_MS,
} from './numbers.js';

/** How long before expiry the refresh of a token with this life starts, in milliseconds, before jitter. */
export function leadMs(lifeMs: number, timing: RefreshTiming): number {
  const wanted =
    timing.leadMs ?? Math.min(Math.max(lifeMs * LEAD_SHARE_OF_LIFE, LEAD_MIN_MS), LEAD_MAX_MS);
  return Math.min(wanted, lifeMs * LEAD_MAX_SHARE_OF_LIFE);
}

/**
 * When the refresh of a token is due: before it expires, and before the material does that the refresh spends.
 * Draw `jitter` (0 to 1) once per generation and store the result: drawn at every look, it would creep.
 */
export function refreshDueAtMs(token: Token, timing: RefreshTiming, jitter: number): number {
  const endsAtMs = refreshableUntilMs(token);
  const lifeMs = Math.max(endsAtMs - token.issuedAtMs, 0);
  const lead = leadMs(lifeMs, timing);
  const withJitter = Math.min(
    lead * (1 + jitter * LEAD_JITTER_SHARE),
    lifeMs * LEAD_MAX_SHARE_OF_LIFE,
  );
  const due = Math.floor(endsAtMs - withJitter);
  return Math.max(due, notBeforeAgeMs(token, timing));
}

/** Material that outlived its stated end is not held to it: each refresh would be due at once. */
function refreshableUntilMs({ issuedAtMs, expiresAtMs, materialExpiresAtMs }: Token): number {
  return materialExpiresAtMs === undefined || materialExpiresAtMs <= issuedAtMs
    ? expiresAtMs
    : Math.min(expiresAtMs, materialExpiresAtMs);
}

/**
 * Whether material is about to expire whatever is refreshed: its end is near, and the refresh has moved it by less
 * than half of the time since the last one. Material that slides along with its use needs no notice.
 */
export function needsNewLoginSoon(before: Token | undefined, token: Token, nowMs: number): boolean {
  const endsAtMs = token.materialExpiresAtMs;
  if (endsAtMs === undefined || before?.materialExpiresAtMs === undefined) return false;
  const movedMs = endsAtMs - before.materialExpiresAtMs;
  const passedMs = token.issuedAtMs - before.issuedAtMs;
  return endsAtMs - nowMs < MATERIAL_EXPIRY_NOTICE_MS && movedMs < passedMs / 2;
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
