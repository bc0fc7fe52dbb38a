import type { Priority } from '@temporalio/common';
import { type ActivityOptions, uuid4 } from '@temporalio/workflow';
import { defined } from '../contract/defined.js';
import { providerTaskQueue } from '../contract/names.js';
import type { KeeperState } from '../contract/keeper.js';
import {
  ATTEMPT_TIMEOUT_MS,
  RETRY_FIRST_MS,
  RETRY_MAX_WHILE_VALID_MS,
} from '../policy/attempt-numbers.js';
import { fairnessKey } from '../policy/fairness-key.js';

/** What all executions of activities for a credential have in common. */
export function activityOptions({ spec }: KeeperState, summary: string): ActivityOptions {
  return {
    taskQueue: providerTaskQueue(spec.provider, spec.group),
    // Payloads are sealed for it, so an old result cannot answer another execution. The SDK's own ids begin at 1 in each run.
    activityId: uuid4(),
    startToCloseTimeout: ATTEMPT_TIMEOUT_MS,
    // For attempts that die without a word, and for revocations. Every other failure of ours brings its own delay.
    retry: {
      initialInterval: RETRY_FIRST_MS,
      backoffCoefficient: 2,
      maximumInterval: RETRY_MAX_WHILE_VALID_MS,
    },
    summary,
  };
}

/** How early a worker takes an activity out of a backlog. Nothing of it is compared when a history is replayed. */
export function priorityOf(
  { spec }: Pick<KeeperState, 'spec'>,
  priorityKey: number,
): Pick<ActivityOptions, 'priority'> {
  const priority: Priority = { priorityKey, ...defined({ fairnessKey: fairnessKey(spec) }) };
  return { priority };
}
