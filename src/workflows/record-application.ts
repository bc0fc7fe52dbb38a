import {
  ActivityCancellationType,
  CancellationScope,
  CancelledFailure,
  condition,
  proxyActivities,
} from '@temporalio/workflow';
import { fitsRecordedApplication } from '../contract/payload-checks.js';
import type { RecordedApplication, RefreshActivities } from '../contract/refresh-activity.js';
import { RECORD_PRIORITY } from '../policy/refresh-priority.js';
import { causeOf } from './activity-failure.js';
import { activityOptions, priorityOf } from './activity-options.js';
import type { Keeper } from './keeper.js';
import { refreshRequest } from './refresh-request.js';
import { mayContinueAsNew, wakesAtMs } from './run.js';
import { endIfFinal } from './settle-failure.js';

/**
 * Tells the journal of an application that no refresh follows at once. Takes the newest answer of that login where the
 * journal has one: after a loss of Temporal's database, a file may bring a token that a later one has replaced. Anything
 * else that is due cuts it short; then it is done later, or by a refresh.
 */
export async function recordApplication(keeper: Keeper): Promise<void> {
  const { spec, journalId } = keeper.state;
  const scope = new CancellationScope();
  let outcome: { readonly recorded: RecordedApplication } | { readonly error: unknown } | undefined;
  scope
    .run(() => recording(keeper))
    .then(
      (recorded) => (outcome = { recorded }),
      (error: unknown) => (outcome = { error }),
    );
  // What was told to a former journal counts as little as what concerns a former application.
  const isOutdated = (): boolean =>
    keeper.state.spec !== spec || keeper.state.journalId !== journalId;
  const isCut = (): boolean =>
    keeper.isEndWanted ||
    isOutdated() ||
    keeper.nextStartAtMs <= Date.now() ||
    mayContinueAsNew(keeper, Date.now());
  while (outcome === undefined && !isCut()) {
    const wakeAtMs = wakesAtMs(keeper, Date.now());
    const isSooner = (): boolean => keeper.nextStartAtMs < wakeAtMs;
    await condition(
      () => outcome !== undefined || isCut() || isSooner(),
      Math.max(wakeAtMs - Date.now(), 1),
      { summary: `journal of ${spec.id} is told of an application` },
    );
  }
  if (outcome === undefined) {
    scope.cancel();
    await condition(() => outcome !== undefined);
  }
  if (outcome === undefined || isOutdated()) return;
  if ('error' in outcome) {
    const cause = causeOf(outcome.error);
    if (cause instanceof CancelledFailure) return;
    // A final refusal ends the keeper, as one of a refresh would; otherwise the next refresh tells the journal.
    endIfFinal(keeper, cause);
    // A keeper that has gone back to the login before still has that one to record.
    if (keeper.state.spec === spec) keeper.recordedApplication({}, Date.now());
    return;
  }
  const { recorded } = outcome;
  const isOurs = fitsRecordedApplication(recorded) && recorded.credentialId === spec.id;
  keeper.recordedApplication(isOurs ? recorded : {}, Date.now());
}

function recording({ state }: Keeper): Promise<RecordedApplication> {
  const { recordApplication: run } = proxyActivities<RefreshActivities>({
    ...activityOptions(state, `record an application of ${state.spec.id}`),
    ...priorityOf(state, RECORD_PRIORITY),
    // It sends nothing, and the journal takes nothing of it once something newer is there, so nobody need wait for its end.
    cancellationType: ActivityCancellationType.TRY_CANCEL,
  });
  return run(refreshRequest(state, 'due'));
}
