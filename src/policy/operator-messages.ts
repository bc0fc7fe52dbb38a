import type { KeeperState } from '../contract/keeper.js';
import { ACTED_ON_MAX, OPERATOR_CLOCK_TOLERANCE_MS } from './keeper-numbers.js';

/**
 * Whether an operator’s message is one to act on: it was made about now, and none of its time was acted on yet. History
 * shows what was sealed once to whoever may read the namespace, and it can be sent again without a key.
 */
export function isTimely(
  { actedOnMs = [] }: Pick<KeeperState, 'actedOnMs'>,
  wantedAtMs: number,
  nowMs: number,
): boolean {
  if (Math.abs(nowMs - wantedAtMs) > OPERATOR_CLOCK_TOLERANCE_MS) return false;
  // What is older than all that is remembered may be among what was forgotten.
  if (actedOnMs.length >= ACTED_ON_MAX && wantedAtMs <= Math.min(...actedOnMs)) return false;
  return !actedOnMs.includes(wantedAtMs);
}

/** The state of a keeper that acts on an operator’s message. */
export function withActedOn(state: KeeperState, wantedAtMs: number): KeeperState {
  const actedOnMs = [wantedAtMs, ...(state.actedOnMs ?? [])].sort((one, other) => other - one);
  return { ...state, actedOnMs: actedOnMs.slice(0, ACTED_ON_MAX) };
}

/** What every state of a keeper has of the one before it, whatever its login. */
export function actedOnOf({ actedOnMs }: KeeperState): Pick<KeeperState, 'actedOnMs'> {
  return actedOnMs === undefined ? {} : { actedOnMs };
}
