import { workflowInfo } from '@temporalio/workflow';
import type { RunFacts } from '../policy/run-length.js';
import type { Keeper } from './keeper.js';

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
