import type { KeeperState } from '../contract/keeper.js';
import { UNTAKEN_MAX_MS } from './attempt-numbers.js';
import { UNFORCED_SPACING_MS } from './keeper-numbers.js';

/**
 * Whether an attempt that does not succeed at once tells its keeper. The first one does. Its word may be lost, so others repeat
 * it, ever more rarely: each 1st, 2nd, 4th, 8th and so on.
 * @param attempt number of the attempt in its execution, from 1
 */
export function tellsOfDelay(attempt: number): boolean {
  return Number.isInteger(Math.log2(attempt));
}

/**
 * How long a refresh may wait for a worker, in milliseconds: until its token expires. Then the keeper takes it back, shows that,
 * and asks again, since what is expired goes first as a rule. It does not take back what it could not ask for again at once.
 */
export function untakenMs({ token }: Pick<KeeperState, 'token'>, nowMs: number): number {
  const validMs = (token?.expiresAtMs ?? 0) - nowMs;
  if (validMs <= 0) return UNTAKEN_MAX_MS;
  return Math.min(Math.max(validMs, UNFORCED_SPACING_MS), UNTAKEN_MAX_MS);
}
