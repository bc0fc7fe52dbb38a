import { type Connection, type WorkflowHandle, WorkflowNotFoundError } from '@temporalio/client';
import type { KeeperState } from '../contract/keeper.js';
import { revokeUpdate } from '../contract/message-definitions.js';
import type { RevocationDone } from '../contract/revocation.js';
import { REVOKE_CALL_DEADLINE_MS } from './numbers.js';
import { requestFailure } from './temporal-error.js';
import { untilTaken } from './until-taken.js';

/** What became of a grant that was to be revoked. */
export type RevokeOutcome =
  | { readonly outcome: RevocationDone | 'already-ended' }
  | { readonly outcome: 'not-revoked'; readonly reason: string };

/** Lets a keeper revoke its grant, if that is still the grant that the caller knows. */
export async function revokeGrant(
  connection: Pick<Connection, 'withDeadline'>,
  keeper: WorkflowHandle,
  { spec, generation, application }: KeeperState,
): Promise<RevokeOutcome> {
  try {
    const outcome = await untilTaken(() => {
      const wantedAtMs = Date.now();
      const request = { revokedGeneration: generation, application, wantedAtMs };
      return connection.withDeadline(wantedAtMs + REVOKE_CALL_DEADLINE_MS, () =>
        keeper.executeUpdate(revokeUpdate, { args: [request] }),
      );
    });
    return { outcome };
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return { outcome: 'already-ended' };
    const reason = requestFailure(error, spec.id);
    if (reason === undefined) throw error;
    return { outcome: 'not-revoked', reason };
  }
}
