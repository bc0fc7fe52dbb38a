import type { LeadRule, RefreshTiming, Token, TokenFacts } from '../contract/credential.js';
import {
  LEAD_JITTER_SHARE,
  LEAD_MAX_MS,
  LEAD_MIN_MS,
  LEAD_SHARE_OF_LIFE,
  LIFETIME_MAX_MS,
  MATERIAL_EXPIRY_NOTICE_MS,
} from './attempt-numbers.js';
import { LEAD_MAX_SHARE_OF_LIFE, UNFORCED_SPACING_MS } from './keeper-numbers.js';

/** What decides how early a token is refreshed. */
export interface LeadFacts {
  readonly timing: RefreshTiming;
  /** The refresh spends the token itself, so none is possible once it has expired. */
  readonly spendsToken: boolean;
  /** 0 to 1, drawn once per token: drawn at every look, the refresh would creep. */
  readonly jitter: number;
}

/**
 * How long before its end the refresh of a token starts, in milliseconds, jitter included: a tenth of its life within
 * bounds, half of it where the token renews only itself, or what the timing says; never more than half of its life.
 */
export function refreshLeadMs(token: Token, facts: LeadFacts): number {
  return leadByRuleMs(token, leadRule(facts));
}

/**
 * The same lead as a rule, for a token whose life is not known yet: whoever applies it has another clock than its
 * keeper.
 */
export function leadRule({ timing, spendsToken, jitter }: LeadFacts): LeadRule {
  const jitterShare = jitter * LEAD_JITTER_SHARE;
  if (timing.leadMs !== undefined) {
    const leadMs = timing.leadMs * (1 + jitterShare);
    return { shareOfLife: 0, leastMs: leadMs, mostMs: leadMs };
  }
  // Half of the life is the most already, so jitter can only make it less.
  if (spendsToken) {
    const shareOfLife = LEAD_MAX_SHARE_OF_LIFE * (1 - jitterShare);
    return { shareOfLife, leastMs: 0, mostMs: LIFETIME_MAX_MS };
  }
  return {
    shareOfLife: LEAD_SHARE_OF_LIFE * (1 + jitterShare),
    leastMs: LEAD_MIN_MS * (1 + jitterShare),
    mostMs: LEAD_MAX_MS * (1 + jitterShare),
  };
}

/** How long before its end the refresh of a token starts by a rule, in milliseconds; never more than half of its life. */
export function leadByRuleMs(token: Token, { shareOfLife, leastMs, mostMs }: LeadRule): number {
  const lifeMs = Math.max(refreshableUntilMs(token) - token.issuedAtMs, 0);
  const wished = Math.min(Math.max(lifeMs * shareOfLife, leastMs), mostMs);
  return Math.ceil(Math.min(wished, lifeMs * LEAD_MAX_SHARE_OF_LIFE));
}

/** When the refresh of a token is due: before it expires, and before the material does that the refresh spends. */
export function refreshDueAtMs(token: Token, timing: RefreshTiming, leadMs: number): number {
  const endsAtMs = refreshableUntilMs(token);
  const longest = Math.max(endsAtMs - token.issuedAtMs, 0) * LEAD_MAX_SHARE_OF_LIFE;
  const due = Math.floor(endsAtMs - Math.min(leadMs, longest));
  return Math.max(due, notBeforeAgeMs(token, timing));
}

/**
 * Until when a token can be refreshed. Material that outlived its stated end is not held to it, or each refresh would be
 * due at once.
 */
function refreshableUntilMs({ issuedAtMs, expiresAtMs, materialExpiresAtMs }: Token): number {
  return materialExpiresAtMs === undefined || materialExpiresAtMs <= issuedAtMs
    ? expiresAtMs
    : Math.min(expiresAtMs, materialExpiresAtMs);
}

/**
 * Whether material is about to expire whatever is refreshed: its end is near, and the refresh has moved it by less
 * than half of the time since the last one. Material that slides along with its use needs no notice.
 */
export function needsNewLoginSoon(
  before: TokenFacts | undefined,
  token: TokenFacts,
  nowMs: number,
): boolean {
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
