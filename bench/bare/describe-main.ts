import { Client, Connection } from '@temporalio/client';
import { NAMESPACE } from '../server/bench-server.js';

/** One bare call to Temporal from a script: what `evertoken token` is measured against. */
const [address = '', workflowId = ''] = process.argv.slice(2);
const connection = await Connection.connect({ address });
const client = new Client({ connection, namespace: NAMESPACE });
const { runId } = await client.workflow.getHandle(workflowId).describe();
process.stdout.write(`${runId}\n`);
await connection.close();
