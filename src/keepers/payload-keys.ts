import type { Client } from '@temporalio/client';
import type { Payload } from '@temporalio/common';
import { keeperWorkflowId } from '../contract/names.js';
import { KEY_ID_METADATA } from '../encryption/payload-codec.js';
import { withDeadline } from '../temporal/connection.js';
import { isWorkflowMissing, toServerError } from './temporal-error.js';

/**
 * Ids of the keys that sealed what a keeper's newest run holds. The keeper needs all of them to go on. One that Temporal has
 * deleted meanwhile needs none. Rejects with a `TokenError`.
 */
export async function payloadKeys(client: Client, id: string): Promise<ReadonlySet<string>> {
  const keys = new Set<string>();
  try {
    const history = await withDeadline(client.connection, () =>
      client.workflow.getHandle(keeperWorkflowId(id)).fetchHistory(),
    );
    collect(history.events ?? [], keys);
  } catch (error) {
    if (!isWorkflowMissing(error)) throw toServerError(error, id);
  }
  return keys;
}

/** Looks at every value, because payloads are in many fields of many kinds of events. */
function collect(value: unknown, keys: Set<string>): void {
  if (typeof value !== 'object' || value === null || value instanceof Uint8Array) return;
  const keyId = (value as Payload).metadata?.[KEY_ID_METADATA];
  if (keyId instanceof Uint8Array) keys.add(Buffer.from(keyId).toString());
  for (const below of Object.values(value)) collect(below, keys);
}
