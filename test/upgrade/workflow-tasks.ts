import { temporal } from '@temporalio/proto';
import type { Keeper } from '../support/full-stack.js';

const { WorkflowTaskFailedCause } = temporal.api.enums.v1;

/** What a keeper's history says of those that ran its code. */
export interface WorkflowTasks {
  /** Builds that completed tasks, in order: the version where there is one, else a checksum of the bundle. */
  readonly builds: readonly string[];
  /** Causes of failed tasks. */
  readonly failures: readonly string[];
}

/** The workflow tasks of the keeper's current run. */
export async function workflowTasksOf(keeper: Keeper): Promise<WorkflowTasks> {
  const { events } = await keeper.fetchHistory();
  return {
    builds: (events ?? []).flatMap(
      ({ workflowTaskCompletedEventAttributes: completed }) =>
        completed?.workerVersion?.buildId ?? [],
    ),
    failures: (events ?? []).flatMap(({ workflowTaskFailedEventAttributes: failed }) =>
      typeof failed?.cause !== 'number'
        ? []
        : WorkflowTaskFailedCause[failed.cause].replace('WORKFLOW_TASK_FAILED_CAUSE_', ''),
    ),
  };
}
