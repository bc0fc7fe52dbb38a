import { KEEPER_TASK_QUEUE } from '../../contract/names.js';
import { mapConcurrently } from '../../keepers/map-concurrently.js';
import {
  servedByText,
  TASK_QUEUE_TYPE_ACTIVITY,
  TASK_QUEUE_TYPE_WORKFLOW,
  taskQueueFacts,
} from '../../keepers/task-queue-facts.js';
import { withDeadline } from '../../temporal/connection.js';
import type { CliSession } from '../session.js';
import type { Finding } from './finding.js';

/** Whether a worker serves the keepers' task queue, and then each of these task queues of refreshes. */
export function workerFindings(
  session: CliSession,
  refreshQueues: readonly string[],
): Promise<readonly Finding[]> {
  const queues = [
    { name: KEEPER_TASK_QUEUE, taskQueueType: TASK_QUEUE_TYPE_WORKFLOW },
    ...refreshQueues.map((name) => ({
      name,
      taskQueueType: TASK_QUEUE_TYPE_ACTIVITY,
    })),
  ];
  return mapConcurrently(queues, async ({ name, taskQueueType }): Promise<Finding> => {
    const { workers } = await withDeadline(session.client.connection, () =>
      taskQueueFacts(session.client, name, taskQueueType),
    );
    const finding = { check: 'worker', subject: name } as const;
    return workers > 0
      ? { ...finding, level: 'ok', text: `${workers} on task queue ${name}` }
      : {
          ...finding,
          level: 'fail',
          problem: 'none',
          text: `none on task queue ${name}${servedByText(name)}`,
          repair: 'evertoken worker',
        };
  });
}
