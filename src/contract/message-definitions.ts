import type { QueryDefinition, SignalDefinition, UpdateDefinition } from '@temporalio/common';
import type { KeeperState } from './keeper.js';
import type {
  ApplyOutcome,
  ApplyRequest,
  EnsureFreshRequest,
  ForceRefreshRequest,
  MoveJournalRequest,
  StatusAnswer,
  TokenAnswer,
} from './messages.js';
import type { SentRequest } from './refresh-activity.js';
import type { RevocationDone, RevokeRequest } from './revocation.js';

// As Temporal's own `defineQuery` and the like, which would load the workflow library into every process that reads a token.

function defineQuery<Answer>(name: string): QueryDefinition<Answer> {
  return { type: 'query', name } as QueryDefinition<Answer>;
}

function defineSignal<Args extends unknown[] = []>(name: string): SignalDefinition<Args> {
  return { type: 'signal', name } as SignalDefinition<Args>;
}

function defineUpdate<Answer, Args extends unknown[]>(
  name: string,
): UpdateDefinition<Answer, Args> {
  return { type: 'update', name } as UpdateDefinition<Answer, Args>;
}

/** The current token. Answered also after the end of the keeper. */
export const tokenQuery = defineQuery<TokenAnswer>('token');

/** The state of the credential, without secrets. Answered also after the end of the keeper. */
export const statusQuery = defineQuery<StatusAnswer>('status');

/** The whole state with its material, for owners: to plan an application, to apply to a closed keeper, and to revoke. */
export const carriedStateQuery = defineQuery<KeeperState>('carriedState');

/** Asks for a refresh. Any number of signals make one request; one without a sealed argument is ignored. */
export const forceRefreshSignal = defineSignal<[ForceRefreshRequest]>('forceRefresh');

/**
 * Tells the keeper that its refresh takes longer than usual, so that it watches the clock, and in which journal a request of
 * that refresh is recorded, if one was sent. Sent by the activity, and without a meaning where no refresh is under way.
 */
export const refreshDelayedSignal = defineSignal<[SentRequest?]>('refreshDelayed');

/** Ends the keeper cleanly. */
export const stopSignal = defineSignal('stop');

/** Waits for a token of the wanted validity, at most `ENSURE_FRESH_WAIT_MS`. */
export const ensureFreshUpdate = defineUpdate<TokenAnswer, [EnsureFreshRequest]>('ensureFresh');

/** Applies a credential to a running keeper; material that did not change is left alone. */
export const applyUpdate = defineUpdate<ApplyOutcome, [ApplyRequest]>('apply');

/** Lets a keeper use another journal, after its own was lost or moved. Answers with the id of the one it then uses. */
export const moveJournalUpdate = defineUpdate<string, [MoveJournalRequest]>('moveJournal');

/** Revokes the grant at the provider, then ends the keeper; where that fails it goes on as before. */
export const revokeUpdate = defineUpdate<RevocationDone, [RevokeRequest]>('revoke');
