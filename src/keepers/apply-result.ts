import type { KeeperState } from '../contract/keeper.js';
import type { ApplyOutcome, ApplyRequest } from '../contract/messages.js';
import type { Refused } from '../policy/apply.js';
import { resumed, type Resumption, startingState } from '../policy/beginning.js';

/** What applying a credential did. */
export type ApplyResult =
  | { readonly outcome: ApplyOutcome | 'started' | 'restarted' }
  | { readonly outcome: 'refused'; readonly reason: string };

/** How a credential is applied. */
export interface ApplyOptions {
  /** Whether its material may be of a login that a later one replaced. By default that is refused. */
  readonly returns?: true;
  /** Temporal shows no keeper of the credential, so one is started without asking first. */
  readonly isNew?: true;
}

/** The outcome of one try: it is done, or must be made again with a number above the keeper's. */
export type ApplyTry = ApplyResult | { readonly outdatedBy: number };

/** What a start would make of the credential. The keeper decides the same by its own clock. */
export function beginning(
  previous: KeeperState | undefined,
  request: ApplyRequest,
): Resumption | { readonly state: KeeperState; readonly outcome: 'started' } {
  const nowMs = Date.now();
  return previous === undefined
    ? { state: startingState(request, nowMs), outcome: 'started' }
    : resumed(previous, request, nowMs);
}

/** Above every number before. Our clock alone is not enough, since another one may have been ahead. */
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
