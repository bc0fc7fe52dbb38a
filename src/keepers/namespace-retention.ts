import type { Client } from '@temporalio/client';
import { withDeadline } from '../temporal/connection.js';

/** How long the namespace keeps an ended run, in milliseconds. The run holds its keeper's last state. */
export async function namespaceRetentionMs(client: Client): Promise<number> {
  const { namespace } = client.options;
  const { config } = await withDeadline(client.connection, () =>
    client.workflowService.describeNamespace({ namespace }),
  );
  return Number(config?.workflowExecutionRetentionTtl?.seconds ?? 0) * 1_000;
}
