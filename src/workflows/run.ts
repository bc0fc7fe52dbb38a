import { uuid4, workflowInfo } from '@temporalio/workflow';
import type { RunFacts } from '../policy/run-length.js';
import type { Keeper } from './keeper.js';

/**
 * Id of an activity execution, which no other one of the credential has. Payloads are sealed for it, so an old result
 * cannot answer it. The SDK's own ids begin at 1 in each run.
 */
export function uniqueActivityId(): string {
  return uuid4();
}

/** How far this run of the keeper has come. */
export function runFacts(keeper: Keeper): RunFacts {
  const info = workflowInfo();
  return {
    refreshes: keeper.refreshes,
    events: info.historyLength,
    messages: keeper.messages,
    startedAtMs: info.runStartTime.getTime(),
    suggestedByServer: info.continueAsNewSuggested,
  };
}
