import {
  allHandlersFinished,
  type ApplicationFailure,
  CancellationScope,
  CancelledFailure,
  condition,
  makeContinueAsNewFunc,
  workflowInfo,
} from '@temporalio/workflow';
import type { KeeperInput, KeeperResult, KeeperState } from '../contract/keeper.js';
import { keeperWorkflowId } from '../contract/names.js';
import { fitsKeeperInput } from '../contract/payload-checks.js';
import { isUnsealed } from '../contract/refused-payload.js';
import { beginningState } from '../policy/beginning.js';
import { KeeperView, publishedMemo } from './keeper-view.js';
import { Keeper } from './keeper.js';
import { handleMessages } from './message-handlers.js';
import { recordApplication } from './record-application.js';
import { refresh } from './refresh.js';
import { failureOf, refused } from './refusals.js';
import { revoke } from './revoke.js';
import { mayContinueAsNew, wakesAtMs } from './run.js';

/**
 * Keeps one credential fresh until it is stopped or can never be refreshed again: sleeps until the refresh is
 * due, refreshes, and in between continues as new so that no history grows. It ends as Failed with a
 * `PermanentRefreshError`, as Completed after `stop`, as Cancelled after a cancellation; a request that is on
 * the way is always waited for, so that no rotated token is lost.
 */
export async function credentialKeeper(input: KeeperInput): Promise<KeeperResult> {
  // Not a failure of the workflow: the task is tried again until a worker may read the input.
  if (isUnsealed(input)) throw new Error('the input was not sealed, and plain text is not allowed');
  const keeper = new Keeper(firstState(input), input.useSearchAttributes);
  const view = new KeeperView(keeper, input.apply === undefined);
  handleMessages(keeper);
  CancellationScope.current().cancelRequested.catch(() => {
    keeper.isStopRequested = true;
    keeper.isCancelRequested = true;
  });
  await CancellationScope.nonCancellable(() => keepFresh(keeper, view));
  view.show(keeper);
  await CancellationScope.nonCancellable(() => condition(allHandlersFinished));
  if (keeper.state.status === 'failed') throw permanentFailure(keeper);
  if (keeper.isCancelRequested) throw new CancelledFailure('the keeper was cancelled');
  return { status: 'stopped', generation: keeper.state.generation };
}

/**
 * What the run begins with. A keeper refuses the input of another credential, whoever started it. The input of a run that goes
 * on was the keeper's own, so where it cannot be read, this worker is at fault: it lacks the key, or is older. The task is
 * tried again until another worker takes it.
 */
function firstState(input: KeeperInput): KeeperState {
  const state = fitsKeeperInput(input) ? beginningState(input, Date.now()) : undefined;
  if (state === undefined || 'refused' in state) {
    const words = 'the input is none of a keeper';
    if (workflowInfo().continuedFromExecutionRunId !== undefined) throw new Error(words);
    throw refused('ApplyRefusedError', words);
  }
  if (workflowInfo().workflowId !== keeperWorkflowId(state.spec.id)) {
    throw refused(
      'ApplyRefusedError',
      'the credential is not the one that the workflow is named for',
    );
  }
  return state;
}

async function keepFresh(keeper: Keeper, view: KeeperView): Promise<void> {
  while (!keeper.hasEnded) {
    // A refresh or another step that is due shows the keeper itself, and so does its end.
    const isShownNext = keeper.nextStartAtMs <= Date.now() || endsNow(keeper);
    if (!isShownNext) view.show(keeper);
    if (keeper.revocation !== undefined) await revoke(keeper, keeper.revocation);
    else if (endsNow(keeper)) keeper.end('stopped');
    else if (mayContinueAsNew(keeper, Date.now())) await continueAsNew(keeper);
    else if (keeper.nextStartAtMs <= Date.now()) await refresh(keeper, view);
    else if (keeper.state.isUnrecorded === true) await recordApplication(keeper);
    else await somethingToDo(keeper);
  }
}

/** Whether nothing is left to do before the end. */
function endsNow({ isStopRequested, revocation }: Keeper): boolean {
  return isStopRequested && revocation === undefined;
}

/** Sleeps until the next refresh starts, or until a message or the length of the run changes that. */
async function somethingToDo(keeper: Keeper): Promise<void> {
  const startAtMs = keeper.nextStartAtMs;
  const { journalId } = keeper.state;
  await condition(
    () =>
      keeper.isEndWanted ||
      keeper.state.isUnrecorded === true ||
      keeper.nextStartAtMs !== startAtMs ||
      // `journal move --all` looks at what is published, so a move wakes the keeper to publish it.
      keeper.state.journalId !== journalId ||
      mayContinueAsNew(keeper, Date.now()),
    Math.max(wakesAtMs(keeper, Date.now()) - Date.now(), 1),
    { summary: `next refresh of ${keeper.state.spec.id}` },
  );
}

async function continueAsNew(keeper: Keeper): Promise<never> {
  const { state, useSearchAttributes } = keeper;
  const input: KeeperInput = { state, useSearchAttributes };
  return makeContinueAsNewFunc<typeof credentialKeeper>({ memo: publishedMemo(keeper) })(input);
}

function permanentFailure(keeper: Keeper): ApplicationFailure {
  const { lastFailure } = keeper.state;
  if (lastFailure === undefined) throw new Error('a failed keeper has no failure');
  return failureOf(lastFailure);
}
