import { optionalTsToMs } from '@temporalio/common/lib/time.js';
import proto from '@temporalio/proto';
import { eachAtOnce } from '../../client/each-at-once.js';
import { withDeadline } from '../../connection.js';
import { KEEPER_TASK_QUEUE, providerTaskQueue } from '../../contract/names.js';
import { POLLER_SILENCE_MAX_MS } from '../../policy/numbers.js';
import type { CliSession } from '../session.js';
import type { Finding } from './finding.js';

const { TASK_QUEUE_TYPE_WORKFLOW, TASK_QUEUE_TYPE_ACTIVITY } =
  proto.temporal.api.enums.v1.TaskQueueType;

/** Whether a worker serves the keepers' task queue, first, and then that of each provider. */
export function workerFindings(
  session: CliSession,
  providers: readonly string[],
): Promise<readonly Finding[]> {
  const queues = [
    { name: KEEPER_TASK_QUEUE, taskQueueType: TASK_QUEUE_TYPE_WORKFLOW },
    ...providers.map((provider) => ({
      name: providerTaskQueue(provider),
      taskQueueType: TASK_QUEUE_TYPE_ACTIVITY,
    })),
  ];
  return eachAtOnce(queues, async ({ name, taskQueueType }): Promise<Finding> => {
    const { pollers } = await withDeadline(session.client.connection, () =>
      session.client.workflowService.describeTaskQueue({
        namespace: session.target.namespace,
        taskQueue: { name },
        taskQueueType,
      }),
    );
    const silentSinceMs = Date.now() - POLLER_SILENCE_MAX_MS;
    const count = pollers.filter(
      ({ lastAccessTime }) => (optionalTsToMs(lastAccessTime) ?? 0) > silentSinceMs,
    ).length;
    const finding = { check: 'worker', subject: name } as const;
    return count > 0
      ? { ...finding, level: 'ok', text: `${count} on task queue ${name}` }
      : {
          ...finding,
          level: 'fail',
          problem: 'none',
          text: `none on task queue ${name}`,
          repair: 'evertoken worker',
        };
  });
}
