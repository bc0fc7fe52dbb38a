import { Connection } from '@temporalio/client';

/** Release of the Temporal server at an address. */
export async function serverVersion(address: string): Promise<string> {
  const connection = await Connection.connect({ address });
  try {
    const { serverVersion: version } = await connection.workflowService.getSystemInfo({});
    return version;
  } finally {
    await connection.close();
  }
}
