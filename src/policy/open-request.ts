import type { Intent } from '../contract/journal-entry.js';
import { HEARTBEAT_TIMEOUT_MS, HTTP_DEADLINE_MS, IN_DOUBT_GRACE_MS } from './attempt-numbers.js';

/** What the attempt that finds an open intent knows by the server's word. */
export interface FinderFacts {
  /** When the server scheduled this attempt. */
  readonly scheduledAtMs: number;
  /** The server made this attempt by itself, because it heard no more of the one before. */
  readonly isServerRetry: boolean;
}

/**
 * When a request that an earlier attempt may have sent is surely over. No worker's clock has a say. The server started
 * that attempt before it scheduled this one, a heartbeat timeout earlier if it gave that one up. The request went out
 * when the attempt was as old as its intent says, and writing the intent took less than the grace.
 */
export function requestOverAtMs(
  { attemptAgeMs }: Pick<Intent, 'attemptAgeMs'>,
  { scheduledAtMs, isServerRetry }: FinderFacts,
): number {
  const startedByMs = scheduledAtMs - (isServerRetry ? HEARTBEAT_TIMEOUT_MS : 0);
  const sentByMs = startedByMs + attemptAgeMs + IN_DOUBT_GRACE_MS;
  return sentByMs + HTTP_DEADLINE_MS;
}
