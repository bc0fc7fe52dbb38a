import type { KeeperState } from '../contract/keeper.js';
import type { ApplyOutcome, ApplyRequest } from '../contract/messages.js';
import { type Refused } from '../policy/apply.js';
import { resumed, type Resumption, startingState } from '../policy/beginning.js';

/** What applying a credential did. */
export type ApplyResult =
  | { readonly outcome: ApplyOutcome | 'started' | 'restarted' }
  | { readonly outcome: 'refused'; readonly reason: string };

/** How a credential is applied. */
export interface ApplyOptions {
  /** Its material may be of a login that a later one replaced; default: that is refused. */
  readonly returns?: true;
  /** Temporal shows no keeper of it, so it is started without asking for one first. */
  readonly isNew?: true;
}

/** What one try came to: done, or to be made again with a number above the keeper's. */
export type ApplyTry = ApplyResult | { readonly outdatedBy: number };

/** What a start would make of it; the keeper does the same by its own clock. */
export function beginning(
  previous: KeeperState | undefined,
  request: ApplyRequest,
): Resumption | { readonly state: KeeperState; readonly outcome: 'started' } {
  const nowMs = Date.now();
  return previous === undefined
    ? { state: startingState(request, nowMs), outcome: 'started' }
    : resumed(previous, request, nowMs);
}

/** Above every number before; our clock alone does not do where another one was ahead. */
export function applicationAfter(newest: number): number {
  return Math.max(Date.now(), newest + 1);
}

export function refusedTry(refusal: Refused): ApplyTry {
  const { reason, application } = refusal.refused;
  return reason === 'outdated' ? { outdatedBy: application } : refusedResult(refusal);
}

export function refusedResult({ refused: { message } }: Refused): ApplyResult {
  return { outcome: 'refused', reason: message };
}
