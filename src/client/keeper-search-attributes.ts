import { setTimeout as delay } from 'node:timers/promises';
import type { Client } from '@temporalio/client';
import { isGrpcServiceError } from '@temporalio/client';
import proto from '@temporalio/proto';
import { withDeadline } from '../connection.js';
import { SEARCH_ATTRIBUTES } from '../contract/names.js';
import { QUERY_RETRY_MS, REGISTRATION_WAIT_MS } from '../policy/numbers.js';

const { IndexedValueType } = proto.temporal.api.enums.v1;
const INDEXED_TYPES = {
  KEYWORD: IndexedValueType.INDEXED_VALUE_TYPE_KEYWORD,
  DATETIME: IndexedValueType.INDEXED_VALUE_TYPE_DATETIME,
} as const;

/** Names of our search attributes that the namespace lacks, or has with another type. */
export async function missingSearchAttributes(client: Client): Promise<readonly string[]> {
  const { namespace } = client.options;
  const customAttributes = await withDeadline(client.connection, () =>
    client.connection.operatorService
      .listSearchAttributes({ namespace })
      .then((listed) => listed.customAttributes)
      // Temporal Cloud and locked down servers refuse that service; this call needs no operator's right.
      .catch(async (error: unknown) => {
        if (!isGrpcServiceError(error)) throw error;
        const { keys } = await client.workflowService.getSearchAttributes({});
        return keys;
      }),
  );
  return Object.values(SEARCH_ATTRIBUTES)
    .filter(({ name, type }) => customAttributes[name] !== INDEXED_TYPES[type])
    .map(({ name }) => name);
}

/**
 * Whether keepers may use our search attributes; registers them where that is allowed. An unregistered one would
 * fail a keeper's every task, so in any doubt the answer is no, and keepers run without.
 */
export async function ensureSearchAttributes(client: Client): Promise<boolean> {
  try {
    const missing = await missingSearchAttributes(client);
    if (missing.length === 0) return true;
    await register(client, missing);
    return await becomeUsable(client);
  } catch (error) {
    // Temporal Cloud and locked down servers refuse this service; others have no room for more attributes.
    if (isGrpcServiceError(error)) return false;
    throw error;
  }
}

async function register(client: Client, names: readonly string[]): Promise<void> {
  const wanted = Object.values(SEARCH_ATTRIBUTES).filter(({ name }) => names.includes(name));
  await withDeadline(client.connection, () =>
    client.connection.operatorService.addSearchAttributes({
      namespace: client.options.namespace,
      searchAttributes: Object.fromEntries(
        wanted.map(({ name, type }) => [name, INDEXED_TYPES[type]]),
      ),
    }),
  );
}

/** The server's nodes learn of new attributes one by one. */
async function becomeUsable(client: Client): Promise<boolean> {
  const deadlineMs = performance.now() + REGISTRATION_WAIT_MS;
  while ((await missingSearchAttributes(client)).length > 0) {
    if (performance.now() >= deadlineMs) return false;
    await delay(QUERY_RETRY_MS);
  }
  return true;
}
