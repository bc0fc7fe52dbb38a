import type { KeeperState } from '../contract/keeper.js';
import type { MoveJournalRequest } from '../contract/messages.js';
import { pendingForceAfter } from './forced-refresh.js';

/**
 * The state of a keeper whose next refresh uses another journal, unless it uses another one than it was moved from. What
 * the journal before knew is lost, so that refresh is in doubt. One that is in backoff is cut: its attempts ask for the
 * journal of before, for as long as it lasts.
 */
export function withJournal(
  state: KeeperState,
  { from, to }: Pick<MoveJournalRequest, 'from' | 'to'>,
  nowMs: number,
): KeeperState {
  if (state.journalId !== from) return state;
  const { token, doubtSinceMs, generation, wantedSinceMs } = state;
  const force =
    wantedSinceMs === undefined
      ? undefined
      : pendingForceAfter(state, { generation, cuts: 'backoff' }, nowMs);
  return {
    ...state,
    journalId: to,
    doubtSinceMs: doubtSinceMs ?? token?.issuedAtMs ?? nowMs,
    ...(force === undefined ? {} : { pendingForce: force }),
  };
}
