import {
  type ConnectionLike,
  type WorkflowHandle,
  WorkflowNotFoundError,
} from '@temporalio/client';
import type { KeeperState } from '../contract/keeper.js';
import { revokeUpdate } from '../contract/message-definitions.js';
import type { RevocationDone } from '../contract/revocation.js';
import { withDeadline } from '../temporal/connection.js';
import { REVOKE_CALL_DEADLINE_MS } from './numbers.js';
import { isStopping, metContinueAsNew, requestFailure } from './temporal-error.js';
import { untilTaken } from './until-taken.js';

/** What became of a grant that was to be revoked. */
export type RevokeOutcome =
  /** `ended-meanwhile`: nobody knows whether the provider has revoked it. */
  | { readonly outcome: RevocationDone | 'already-ended' | 'ended-meanwhile' }
  | { readonly outcome: 'not-revoked'; readonly reason: string };

/** Lets a keeper revoke its grant, if that is still the grant that the caller knows. */
export async function revokeGrant(
  connection: ConnectionLike,
  keeper: WorkflowHandle,
  { spec, generation, application }: KeeperState,
): Promise<RevokeOutcome> {
  let isTaken = false;
  try {
    const update = await untilTaken(() => {
      const wantedAtMs = Date.now();
      const request = { revokedGeneration: generation, application, wantedAtMs };
      return connection.withDeadline(wantedAtMs + REVOKE_CALL_DEADLINE_MS, () =>
        keeper.startUpdate(revokeUpdate, { args: [request], waitForStage: 'ACCEPTED' }),
      );
    });
    isTaken = true;
    const outcome = await withDeadline(connection, () => update.result(), REVOKE_CALL_DEADLINE_MS);
    return { outcome };
  } catch (error) {
    const isGone = error instanceof WorkflowNotFoundError;
    // No keeper continues as new with such a request under way.
    if (metContinueAsNew(error) || (isTaken && isGone)) return { outcome: 'ended-meanwhile' };
    // A refusal of its last refresh for good may come before the revocation.
    if (isGone || isStopping(error)) return { outcome: 'already-ended' };
    const reason = requestFailure(error, spec.id);
    if (reason === undefined) throw error;
    return { outcome: 'not-revoked', reason };
  }
}
