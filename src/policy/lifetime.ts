import {
  CALENDAR_SPANS_S,
  DOUBTED_THOUSANDS_FROM_S,
  FALLBACK_LIFETIME_MS,
  LIFETIME_MAX_MS,
  UNDOUBTED_LIFETIME_MS,
  USUAL_LIFE_TOLERANCE_S,
  USUAL_LIVES_S,
} from './attempt-numbers.js';

/** What a provider's lifetime field counts in, as its page says. */
export const LIFETIME_UNITS = ['seconds', 'milliseconds', 'epoch-seconds', 'date'] as const;
export type LifetimeUnit = (typeof LIFETIME_UNITS)[number];

/** Times of a JWT in seconds since the epoch; either may be missing. */
export interface JwtTimes {
  readonly issuedAtS?: number;
  readonly expiresAtS?: number;
}

/** All that an answer and its provider say of a token's life. */
export interface LifetimeFacts {
  /** The provider's field as it came, of whatever JSON type; `undefined` where it is missing. */
  readonly field: unknown;
  readonly unit: LifetimeUnit;
  readonly jwt?: JwtTimes;
  /** When the provider answered, by its own `Date` header, in milliseconds since the epoch. */
  readonly answeredAtMs?: number;
  readonly defaultMs?: number;
  /** Longest life that the credential says to believe, in milliseconds; default: what is no likely mistake. */
  readonly maxMs?: number;
}

/** How long a token lives. */
export interface TokenLife {
  /** Always positive and at most `LIFETIME_MAX_MS`. */
  readonly lifeMs: number;
  /** The answer states the expiry as a time, which does not move with the time of issue. */
  readonly isStatedTime: boolean;
  /** The answer stated a life that no provider grants, which was not believed. */
  readonly isDoubted: boolean;
  /** Neither the answer nor a JWT states a life that is believed, so it is a default. */
  readonly isAssumed: boolean;
}

/**
 * Life of a token: the provider's field; the JWT's own life if that is shorter or the field says nothing; else the
 * default. Zero, negative and unreadable values say nothing. So does a life, of the field or of the JWT, that is most
 * likely written in another unit. None of them means "never refresh".
 */
export function tokenLife(facts: LifetimeFacts, nowMs: number): TokenLife {
  const stated = statedLifetimeMs(facts.field, facts.unit, nowMs);
  const isFieldDoubted = stated !== undefined && isDoubtful(stated, facts);
  const field = isFieldDoubted ? undefined : stated;
  const lifeOfJwt = jwtLife(facts, nowMs);
  const ofJwt = lifeOfJwt?.lifeMs;
  // A JWT counts in seconds (RFC 7519, section 2), whatever the field does.
  const isJwtDoubted = ofJwt !== undefined && isDoubtful(ofJwt, { ...facts, unit: 'seconds' });
  const jwt = isJwtDoubted ? undefined : ofJwt;
  const known = [field, jwt].filter((life) => life !== undefined);
  const isAssumed = known.length === 0;
  const defaultMs = Math.min(facts.defaultMs ?? FALLBACK_LIFETIME_MS, facts.maxMs ?? Infinity);
  const life = isAssumed ? defaultMs : Math.min(...known);
  const isTime = facts.unit === 'date' || facts.unit === 'epoch-seconds';
  return {
    lifeMs: Math.min(life, LIFETIME_MAX_MS),
    isStatedTime: life === field ? isTime : life === jwt && lifeOfJwt?.isStatedTime === true,
    isDoubted: isFieldDoubted || (isJwtDoubted && field === undefined),
    isAssumed,
  };
}

/** An epoch or milliseconds in place of seconds, unless the credential says that such lives are real. */
function isDoubtful(lifeMs: number, { unit, maxMs }: LifetimeFacts): boolean {
  if (maxMs !== undefined) return lifeMs > maxMs;
  return lifeMs > UNDOUBTED_LIFETIME_MS || (unit === 'seconds' && isOfMilliseconds(lifeMs / 1_000));
}

/**
 * Whether seconds are most likely milliseconds: near to a usual life, or whole thousands that no calendar explains.
 * Doubting a real life costs needless refreshes; believing a wrong one serves a dead token for weeks.
 */
function isOfMilliseconds(seconds: number): boolean {
  const thousandth = seconds / 1_000;
  const isUsual = USUAL_LIVES_S.some(
    (usual) => Math.abs(thousandth - usual) <= USUAL_LIFE_TOLERANCE_S,
  );
  const isRound = Number.isInteger(thousandth) && seconds >= DOUBTED_THOUSANDS_FROM_S;
  return isUsual || (isRound && !CALENDAR_SPANS_S.some((span) => seconds % span === 0));
}

/**
 * Life that a field of an answer states, in whole milliseconds and at most `LIFETIME_MAX_MS`; `undefined` for
 * zero, negative and unreadable values, which say nothing.
 */
export function statedLifetimeMs(
  field: unknown,
  unit: LifetimeUnit,
  nowMs: number,
): number | undefined {
  if (unit === 'date') return positive(dateMs(field) - nowMs);
  const value = strictNumber(field);
  switch (unit) {
    case 'seconds':
      return positive(value * 1_000);
    case 'milliseconds':
      return positive(value);
    case 'epoch-seconds':
      return positive(value * 1_000 - nowMs);
  }
}

/**
 * What is left of a JWT's life. A provider may hand out one that it issued before. That is believed where both its clock and
 * Temporal's say so: with either of them wrong, a new token would seem old. One that has expired by both is taken for new,
 * since its times tell nothing then.
 */
function jwtLife(
  { jwt, answeredAtMs }: LifetimeFacts,
  nowMs: number,
): Pick<TokenLife, 'lifeMs' | 'isStatedTime'> | undefined {
  if (jwt?.expiresAtS === undefined) return undefined;
  const expiresAtMs = jwt.expiresAtS * 1_000;
  const issuedAtMs = jwt.issuedAtS === undefined ? undefined : jwt.issuedAtS * 1_000;
  const handedOutAtMs = Math.min(answeredAtMs ?? issuedAtMs ?? nowMs, nowMs);
  const fromMs = Math.max(issuedAtMs ?? nowMs, handedOutAtMs);
  const leftMs = positive(expiresAtMs - fromMs);
  if (leftMs !== undefined) {
    // Counted from our now, the expiry is the JWT's own, however late that now is.
    return { lifeMs: leftMs, isStatedTime: fromMs === nowMs && fromMs !== issuedAtMs };
  }
  const wholeMs = issuedAtMs === undefined ? undefined : positive(expiresAtMs - issuedAtMs);
  return wholeMs === undefined ? undefined : { lifeMs: wholeMs, isStatedTime: false };
}

/** `parseFloat` would take `"2026-08-22"` for 2026 and `"1h"` for 1, so a text counts only if all of it is a number. */
function strictNumber(field: unknown): number {
  if (typeof field === 'number') return field;
  if (typeof field === 'string' && /^\s*-?\d{1,20}(\.\d{1,20})?\s*$/.test(field)) {
    return Number(field);
  }
  return Number.NaN;
}

const ISO_DATE_TIME = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:\d{2})$/;

function dateMs(field: unknown): number {
  return typeof field === 'string' && ISO_DATE_TIME.test(field) ? Date.parse(field) : Number.NaN;
}

/** Whole milliseconds: a fraction would wake a keeper just before it is due. */
function positive(ms: number): number | undefined {
  if (Number.isNaN(ms) || ms < 1) return undefined;
  return Math.floor(Math.min(ms, LIFETIME_MAX_MS));
}
