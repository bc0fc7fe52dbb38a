import { Connection } from '@temporalio/client';
import { NAMESPACE } from '../server/bench-server.js';

/** One bare call to Temporal from a script: what `evertoken token` is measured against. */
const [address = '', workflowId = ''] = process.argv.slice(2);
const connection = await Connection.connect({ address });
const { workflowExecutionInfo: info } = await connection.workflowService.describeWorkflowExecution({
  namespace: NAMESPACE,
  execution: { workflowId },
});
process.stdout.write(`${info?.execution?.runId ?? ''}\n`);
await connection.close();
