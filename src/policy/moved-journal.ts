import { defined } from '../contract/defined.js';
import type { KeeperState, LoginState } from '../contract/keeper.js';
import type { MoveJournalRequest } from '../contract/messages.js';
import { pendingForceAfter } from './forced-refresh.js';

/**
 * The state of a keeper whose next refresh uses another journal. It stays as it is if the keeper uses another journal
 * than it was moved from. What the former journal knew is lost, so the refresh is in doubt. A refresh in backoff is cut,
 * since its attempts would ask for the former journal for as long as it lasts.
 */
export function withJournal(
  state: KeeperState,
  { from, to }: Pick<MoveJournalRequest, 'from' | 'to'>,
  nowMs: number,
): KeeperState {
  if (state.journalId !== from) return state;
  const { generation, wantedSinceMs } = state;
  const force =
    wantedSinceMs === undefined
      ? undefined
      : pendingForceAfter(state, { generation, cuts: 'backoff' }, nowMs);
  return {
    ...state,
    ...movedTo(to, state, nowMs),
    ...defined({ pendingForce: force }),
  };
}

/** What a move changes for a login: since its token was issued, the former journal may know of more. */
export function movedTo(
  journalId: string,
  { token, movedSinceMs }: Pick<LoginState, 'token' | 'movedSinceMs'>,
  nowMs: number,
): Required<Pick<LoginState, 'journalId' | 'movedSinceMs'>> {
  return { journalId, movedSinceMs: movedSinceMs ?? token?.issuedAtMs ?? nowMs };
}
