import { Context } from '@temporalio/activity';
import { optionalTsToMs } from '@temporalio/common/lib/time.js';
import { START_CALL_DEADLINE_MS } from '../policy/attempt-numbers.js';

/**
 * When the server started the attempt that is being run, or `undefined` if the call fails or another attempt has begun.
 * It comes from a description of the workflow, since the SDK does not hand on what the server said with the task.
 */
export async function serverStart(): Promise<number | undefined> {
  try {
    const { client, info } = Context.current();
    const { workflowExecution, activityId, attempt, namespace } = info;
    if (workflowExecution === undefined) return undefined;
    const { pendingActivities } = await client.withDeadline(
      Date.now() + START_CALL_DEADLINE_MS,
      () =>
        client.workflowService.describeWorkflowExecution({
          namespace,
          execution: workflowExecution,
        }),
    );
    const own = pendingActivities.find((one) => one.activityId === activityId);
    return own?.attempt === attempt ? optionalTsToMs(own.lastStartedTime) : undefined;
  } catch {
    return undefined;
  }
}
