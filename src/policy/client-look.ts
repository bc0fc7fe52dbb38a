import { CLIENT_REJECTED_MAX_MS, RETRY_JITTER_SHARE } from './attempt-numbers.js';
import {
  CLIENT_EARLY_TRIAL_MS,
  CLIENT_LOOK_LIMITED_MAX_MS,
  CLIENT_LOOK_MS,
  CLIENT_LOOKS_PER_SECOND,
  CLIENT_LOOKS_SHARE_OF_LIMIT,
  CLIENT_ON_TRIAL_MS,
  TURN_MAX_MS,
} from './fleet-numbers.js';

/** What decides how often a credential looks whether its client is still rejected. */
export interface LookFacts {
  /** Credentials of the client that were held back, of this task queue. */
  readonly held: number;
  /** Attempts a second that the task queue hands out, where it is limited. */
  readonly limit?: number;
  /** 0 to 1. */
  readonly jitter: number;
}

/**
 * Milliseconds until the next look: soon for few, later for many, so that looks do not crowd out refreshes. Two longest waits
 * end that: past 6,000 held, or with a limit past 360 for each attempt a second, looks take more than their share.
 */
export function clientLookMs(facts: LookFacts): number {
  const { held, limit, jitter } = facts;
  const ownPaceMs = Math.min((held / CLIENT_LOOKS_PER_SECOND) * 1_000, CLIENT_REJECTED_MAX_MS);
  const shareMs = limit === undefined ? 0 : (held / (limit * CLIENT_LOOKS_SHARE_OF_LIMIT)) * 1_000;
  const lookMs = Math.max(CLIENT_LOOK_MS, ownPaceMs, Math.min(shareMs, CLIENT_LOOK_LIMITED_MAX_MS));
  return Math.round(lookMs * (1 - jitter * RETRY_JITTER_SHARE));
}

/**
 * Milliseconds until the look of a credential that may try the client early, spread so that not all look at the same
 * moment.
 */
export function earlyLookMs(facts: LookFacts, earlyInMs: number): number {
  const spreadMs = Math.round(facts.jitter * pacedMs(facts));
  return Math.min(earlyInMs + spreadMs, clientLookMs(facts));
}

/** Milliseconds that all looks together take at their pace. */
function pacedMs({ held, limit = Infinity }: LookFacts): number {
  const perSecond = Math.min(CLIENT_LOOKS_PER_SECOND, limit * CLIENT_LOOKS_SHARE_OF_LIMIT);
  return (held / perSecond) * 1_000;
}

/**
 * Milliseconds until the n-th credential of a task queue that found its client on trial comes back. They are spread, so that a
 * trial that hangs makes no storm, over at most a minute, so that none waits long for a client that is accepted again. With a
 * rate limit, which counts each return, they take the share of it that looks take; no more of them come than the limit lets
 * through while the trial lasts.
 * @param limit attempts a second that the task queue hands out, where it is limited
 */
export function trialWaitMs(nth: number, limit = Infinity): number {
  const spreadMs = ((nth / CLIENT_LOOKS_PER_SECOND) * 1_000) % TURN_MAX_MS;
  const shareMs = (nth / (limit * CLIENT_LOOKS_SHARE_OF_LIMIT)) * 1_000;
  return Math.max(CLIENT_ON_TRIAL_MS, spreadMs, shareMs % CLIENT_LOOK_LIMITED_MAX_MS);
}

/** Milliseconds from the n-th rejection in a row until a credential whose token is about to end may try the client early. */
export function earlyTrialDelayMs(nth: number): number {
  return Math.min(CLIENT_EARLY_TRIAL_MS * 2 ** (nth - 1), CLIENT_REJECTED_MAX_MS);
}
