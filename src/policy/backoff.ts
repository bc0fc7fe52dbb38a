import type { TokenFacts } from '../contract/credential.js';
import {
  CLIENT_REJECTED_FIRST_MS,
  CLIENT_REJECTED_MAX_MS,
  RETRY_AFTER_JITTER_MAX_MS,
  RETRY_AFTER_JITTER_SHARE,
  RETRY_FIRST_MS,
  RETRY_JITTER_SHARE,
  RETRY_MAX_AFTER_EXPIRY_MS,
  RETRY_MAX_WHILE_VALID_MS,
  TRIES_LEFT,
} from './attempt-numbers.js';

/** What the wait depends on that a provider asked for. */
export interface AskedFacts {
  /** What it asked for, already capped. */
  readonly retryAfterMs?: number;
  /** What is left of the token's life, in milliseconds; absent if there is none. */
  readonly tokenLeftMs?: number;
  /** 0 to 1, drawn per retry. */
  readonly jitter: number;
}

/** What the delay of a retry depends on. */
export interface RetryFacts extends AskedFacts {
  /** Attempts made so far, the failed one included; 1 after the first. */
  readonly attempt: number;
  readonly tokenIsValid: boolean;
}

/** Milliseconds until the next attempt: doubling, capped, less jitter; `Retry-After` wins when longer. */
export function retryDelayMs(facts: RetryFacts): number {
  const max = facts.tokenIsValid ? RETRY_MAX_WHILE_VALID_MS : RETRY_MAX_AFTER_EXPIRY_MS;
  const own = lessJitter(doubled(RETRY_FIRST_MS, facts.attempt, max), facts.jitter);
  return Math.max(own, askedDelayMs(facts));
}

/**
 * Milliseconds to wait where the provider asked for that. Jitter only makes it longer, since the provider's word must be kept,
 * and takes no more than a part of what is left of a token that outlives the wait: without jitter its refresh would be in time.
 */
export function askedDelayMs({ retryAfterMs = 0, tokenLeftMs = 0, jitter }: AskedFacts): number {
  const spreadMs = Math.min(retryAfterMs * RETRY_AFTER_JITTER_SHARE, RETRY_AFTER_JITTER_MAX_MS);
  const leftMs = tokenLeftMs - retryAfterMs;
  const laterMs = leftMs > 0 ? Math.min(spreadMs, leftMs / TRIES_LEFT) : spreadMs;
  return Math.round(retryAfterMs + jitter * laterMs);
}

/** Milliseconds until a rejected client is tried again; `streak` is 1 after the first rejection. */
export function clientRejectedDelayMs(streak: number, jitter: number): number {
  return lessJitter(doubled(CLIENT_REJECTED_FIRST_MS, streak, CLIENT_REJECTED_MAX_MS), jitter);
}

/**
 * A wait, cut so that several tries still fit into what is left of a token that renews only itself. A wait that the
 * provider asked for is cut too, since after the token's end nothing is left to ask with. No wait of an expired token is
 * cut.
 */
function cutToLifeMs(delayMs: number, leftMs: number): number {
  if (leftMs <= 0) return delayMs;
  return Math.round(Math.min(delayMs, Math.max(leftMs / TRIES_LEFT, RETRY_FIRST_MS)));
}

/** The token that an attempt is to replace, and whether a refresh spends that token itself. */
export interface SpentToken {
  readonly spendsToken: boolean;
  readonly currentToken?: Pick<TokenFacts, 'expiresAtMs'> | undefined;
}

/** A wait as `cutToLifeMs` cuts it, if there is a token that renews only itself. */
export function waitWithinLifeMs(
  waitMs: number,
  { spendsToken, currentToken }: SpentToken,
  nowMs: number,
): number {
  if (!spendsToken || currentToken === undefined) return waitMs;
  return cutToLifeMs(waitMs, currentToken.expiresAtMs - nowMs);
}

/** The exponent is capped first, so that no attempt count overflows. */
function doubled(firstMs: number, attempt: number, maxMs: number): number {
  const doublings = Math.min(Math.max(attempt - 1, 0), 30);
  return Math.min(firstMs * 2 ** doublings, maxMs);
}

function lessJitter(delayMs: number, jitter: number): number {
  return Math.round(delayMs * (1 - jitter * RETRY_JITTER_SHARE));
}
