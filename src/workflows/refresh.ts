import {
  ActivityCancellationType,
  CancellationScope,
  condition,
  proxyActivities,
} from '@temporalio/workflow';
import { fitsRefreshResult } from '../contract/payload-checks.js';
import type { RefreshActivities, RefreshResult } from '../contract/refresh-activity.js';
import { forcedStartAtMs } from '../policy/forced-refresh.js';
import { RETRYING_AFTER_MS } from '../policy/keeper-numbers.js';
import { HEARTBEAT_TIMEOUT_MS } from '../policy/attempt-numbers.js';
import { untakenMs } from '../policy/delayed-refresh.js';
import { refreshPriority } from '../policy/refresh-priority.js';
import { isRunLongEnough, runEndsAtMs } from '../policy/run-length.js';
import { nextStatusChangeAtMs } from '../policy/status.js';
import { activityOptions, priorityOf } from './activity-options.js';
import type { KeeperView } from './keeper-view.js';
import type { BegunRefresh, Keeper } from './keeper.js';
import { refreshRequest } from './refresh-request.js';
import { mayContinueAsNew, runFacts } from './run.js';
import { settleFailure } from './settle-failure.js';

type Outcome = { readonly result: RefreshResult } | { readonly error: unknown };

/**
 * Makes one wanted refresh: one execution of the activity, which the server retries until it is decided.
 * It is cut short when somebody needs it sooner, or when the run must end; the activity lets itself be cut
 * only while no request of it is on the way.
 */
export async function refresh(keeper: Keeper, view: KeeperView): Promise<void> {
  const begun = keeper.begin(Date.now());
  view.show(keeper);
  keeper.isRefreshing = true;
  keeper.isRefreshDelayed = false;
  const outcome = await runUntilDecided(keeper, view, begun);
  keeper.isRefreshing = false;
  if ('result' in outcome) keeper.succeed(outcome.result, Date.now());
  else settleFailure(keeper, begun, outcome.error);
  view.show(keeper);
}

async function runUntilDecided(
  keeper: Keeper,
  view: KeeperView,
  begun: BegunRefresh,
): Promise<Outcome> {
  const scope = new CancellationScope();
  let outcome: Outcome | undefined;
  scope
    .run(() => refreshToken(keeper, begun))
    .then(
      (result) => (outcome = isResultOf(keeper, result) ? { result } : { error: undefined }),
      (error: unknown) => (outcome = { error }),
    );
  const isOver = (): boolean => outcome !== undefined || isCutWanted(keeper, begun);
  // Nearly every refresh is over before time changes anything. One that takes longer says so, since a timer beside each would
  // cost the server two events.
  await condition(() => isOver() || keeper.isRefreshDelayed || isCutPending(keeper));
  while (!isOver()) {
    keeper.updateStatus(Date.now());
    view.show(keeper);
    const wakeAtMs = nextLookAtMs(keeper, begun, Date.now());
    const isLookSooner = (): boolean => nextLookAtMs(keeper, begun, Date.now()) < wakeAtMs;
    const isWoken = (): boolean => isOver() || isLookSooner();
    const summary = `watches the refresh of ${keeper.state.spec.id}`;
    if (wakeAtMs === Infinity) await condition(isWoken);
    else await condition(isWoken, Math.max(wakeAtMs - Date.now(), 1), { summary });
  }
  if (outcome === undefined) {
    // Whoever applies the credential meanwhile must see that the keeper will end.
    view.show(keeper);
    scope.cancel();
  }
  await condition(() => outcome !== undefined);
  return outcome ?? { error: undefined };
}

/** Whoever may write to the namespace can complete an activity with anything. */
function isResultOf({ state }: Keeper, result: unknown): result is RefreshResult {
  return fitsRefreshResult(result) && result.credentialId === state.spec.id;
}

function refreshToken(keeper: Keeper, begun: BegunRefresh): Promise<RefreshResult> {
  const { state, waitingCallers: callers } = keeper;
  const { reason } = begun;
  const nowMs = Date.now();
  const summary = `refresh ${state.spec.id} after generation ${state.generation} (${reason})`;
  const { refreshToken: run } = proxyActivities<RefreshActivities>({
    ...activityOptions(state, summary),
    ...priorityOf(state, refreshPriority({ state, reason, callers }, nowMs)),
    scheduleToStartTimeout: untakenMs(state, nowMs),
    heartbeatTimeout: HEARTBEAT_TIMEOUT_MS,
    cancellationType: ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
  });
  return run(refreshRequest(state, reason));
}

function isCutWanted(keeper: Keeper, begun: BegunRefresh): boolean {
  const nowMs = Date.now();
  return (
    keeper.isEndWanted ||
    keeper.isCutDue(nowMs) ||
    keeper.state.spec !== begun.spec ||
    // A refresh that runs this long is in backoff; a young one is not worth a cut.
    (nowMs >= begun.startedAtMs + RETRYING_AFTER_MS && mayContinueAsNew(keeper, nowMs))
  );
}

/** Whether an operator's force waits for the distance that it keeps from the last one. */
function isCutPending({ state }: Keeper): boolean {
  return state.pendingForce?.cuts !== undefined;
}

/** The next moment at which time alone changes something (the status, a pending force, the end of the run), or never. */
function nextLookAtMs(keeper: Keeper, begun: BegunRefresh, nowMs: number): number {
  const moments = [
    nextStatusChangeAtMs(keeper.state, nowMs),
    // Only an operator's force cuts; any other waits for the end of this refresh.
    isCutPending(keeper) ? forcedStartAtMs(keeper.state) : undefined,
    mayBeCutAtMs(keeper, begun, nowMs),
  ];
  return Math.min(...moments.filter((atMs) => atMs !== undefined));
}

/** When the run may end; `undefined` if only its callers have to finish before it does. */
function mayBeCutAtMs(keeper: Keeper, begun: BegunRefresh, nowMs: number): number | undefined {
  const run = runFacts(keeper);
  const endsAtMs = isRunLongEnough(run, nowMs) ? nowMs : runEndsAtMs(run);
  const atMs = Math.max(endsAtMs, begun.startedAtMs + RETRYING_AFTER_MS);
  return atMs > nowMs ? atMs : undefined;
}
