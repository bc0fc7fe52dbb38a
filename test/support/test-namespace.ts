import { randomUUID } from 'node:crypto';
import { Client, Connection, type DataConverter } from '@temporalio/client';
import { msToTs } from '@temporalio/common/lib/time.js';
import { ensureSearchAttributes } from '../../src/keepers/search-attributes.js';
import { shared } from './shared-resources.js';

/** A namespace that belongs to one test file, so that no worker takes another file's tasks. */
export interface TestNamespace {
  readonly client: Client;
  readonly address: string;
  readonly namespace: string;
  /** Closes the client; stop the workers first. */
  close(): Promise<void>;
}

/** How a test's client reads and writes payloads. */
export interface TestNamespaceOptions {
  readonly dataConverter?: DataConverter;
  /** Whether the namespace has our search attributes. Default true. */
  readonly searchAttributes?: boolean;
}

/** Makes a namespace on the real server that all test files share. */
export async function openTestNamespace({
  searchAttributes = true,
  ...options
}: TestNamespaceOptions = {}): Promise<TestNamespace> {
  const address = await shared('temporalAddress');
  const namespace = `test-${randomUUID()}`;
  const connection = await Connection.connect({ address });
  await connection.workflowService.registerNamespace({
    namespace,
    workflowExecutionRetentionPeriod: msToTs('30 days'),
  });
  const client = new Client({ connection, namespace, ...options });
  if (searchAttributes && !(await ensureSearchAttributes(client, 'auto')))
    throw new Error('no search attributes');
  return { client, address, namespace, close: () => connection.close() };
}
