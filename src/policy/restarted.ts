import { defined } from '../contract/defined.js';
import type { KeeperState } from '../contract/keeper.js';
import type { Refused } from './apply.js';
import { isMaterialRefused, refusedInDoubt } from './refused-material.js';
import { asksTheSame } from './same-credential.js';
import { withStatus } from './status.js';

/**
 * How a keeper goes on that had ended, or was ended, after an application that brought no other login. A rotating provider's
 * is refused if its material was spent or refused and nothing has changed: asking again could revoke the whole grant. Where
 * only the answer of a request was missing, that may have reached the journal since: then the keeper asks the journal, and
 * nobody else.
 * @param before as it had ended
 * @param applied the same after the application
 */
export function restarted(
  before: KeeperState,
  applied: KeeperState,
  nowMs: number,
): { readonly state: KeeperState } | Refused {
  const { lastFailure: ending, status, application } = before;
  const isRefused =
    status === 'failed' &&
    applied.spec.traits.rotates &&
    isMaterialRefused(ending) &&
    asksTheSame(before.spec, applied.spec);
  const refusedInDoubtSinceMs = isRefused ? refusedInDoubt(ending) : undefined;
  if (isRefused && refusedInDoubtSinceMs === undefined) {
    const message = `the material is the one that ended the keeper [code=${ending?.code ?? 'unknown'}]; apply new material`;
    return { refused: { reason: 'refused-material', application, message } };
  }
  const { lastFailure: _failure, wantedSinceMs: _since, ...kept } = applied;
  const state = {
    ...kept,
    failureStreak: 0,
    nextRefreshAtMs: status === 'failed' ? nowMs : applied.nextRefreshAtMs,
    ...defined({ refusedInDoubtSinceMs }),
  };
  return { state: withStatus(state, nowMs) };
}
