import { ApplicationFailure, CancellationScope, condition, setHandler } from '@temporalio/workflow';
import type { FailureCode, FailureType } from '../contract/failures.js';
import { moveJournalUpdate, revokeUpdate } from '../contract/message-definitions.js';
import type { MoveJournalRequest } from '../contract/messages.js';
import { fitsMoveJournalRequest, fitsRevokeRequest } from '../contract/payload-checks.js';
import type { RevocationDone, RevokeRequest } from '../contract/revocation.js';
import { operatorAction } from '../policy/operator-action.js';
import { isTimely } from '../policy/operator-messages.js';
import type { Keeper } from './keeper.js';
import { failureOf, notOfShape, refused } from './refusals.js';

/** Lets operators move the keeper to another journal and revoke its grant. A copy of an earlier request is refused. */
export function handleOperatorRequests(keeper: Keeper): void {
  setHandler(moveJournalUpdate, (request) => moved(keeper, request), {
    validator: (request: unknown) => {
      if (!fitsMoveJournalRequest(request)) throw notOfShape();
      if (leavesNone(keeper, request)) throw notActedOn(keeper, 'request_outdated');
      checkTimely(keeper, request.wantedAtMs);
    },
  });
  setHandler(revokeUpdate, (request) => revoked(keeper, request), {
    validator: (request: unknown) => {
      if (!fitsRevokeRequest(request)) throw notOfShape();
      const { generation, application } = keeper.state;
      if (request.revokedGeneration !== generation || request.application !== application) {
        throw notActedOn(keeper, 'request_outdated');
      }
      checkTimely(keeper, request.wantedAtMs);
    },
  });
}

/** Whether it asks a keeper to leave a journal that uses none, as after a reset. */
function leavesNone({ state }: Keeper, { from }: MoveJournalRequest): boolean {
  return from !== undefined && state.journalId === undefined;
}

function checkTimely(keeper: Keeper, wantedAtMs: number): void {
  if (!isTimely(keeper.state, wantedAtMs, Date.now())) throw notActedOn(keeper, 'request_untimely');
}

function moved(keeper: Keeper, request: MoveJournalRequest): string {
  keeper.messages += 1;
  const journalId = keeper.moveJournal(request, Date.now());
  // A copy of it may have been accepted between the validator and this handler.
  if (journalId === undefined) {
    throw notActedOn(keeper, leavesNone(keeper, request) ? 'request_outdated' : 'request_untimely');
  }
  return journalId;
}

/** Waits until the grant is revoked, or could not be. A refresh on the way may meanwhile end the keeper for good. */
async function revoked(keeper: Keeper, { wantedAtMs }: RevokeRequest): Promise<RevocationDone> {
  keeper.messages += 1;
  if (!keeper.takes(wantedAtMs, Date.now())) throw notActedOn(keeper, 'request_untimely');
  const revocation = (keeper.revocation ??= {});
  await CancellationScope.nonCancellable(() =>
    condition(() => revocation.outcome !== undefined || keeper.hasEnded),
  );
  const { outcome = refused('KeeperStoppedError', 'the keeper ended before') } = revocation;
  if (outcome instanceof ApplicationFailure) throw outcome;
  return outcome;
}

function notActedOn({ state }: Keeper, code: FailureCode): ApplicationFailure {
  const type: FailureType = 'ApplyRefusedError';
  const { id, provider } = state.spec;
  const action = operatorAction({ type, code }, id);
  return failureOf({ type, provider, code, atMs: Date.now(), action });
}
