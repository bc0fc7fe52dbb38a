import type { Client } from '@temporalio/client';
import type { Payload } from '@temporalio/common';
import { keeperWorkflowId } from '../contract/names.js';

/**
 * First value of payloads of a credential's keeper that the client library hands out as they came. Rejects with an
 * `UndecipherableError`.
 */
export async function firstDecoded(
  client: Client,
  credentialId: string,
  payloads: readonly Payload[] | null | undefined,
): Promise<unknown> {
  const { payloadCodecs, payloadConverter } = client.options.loadedDataConverter;
  let opened = [...(payloads ?? [])];
  const { namespace } = client.options;
  const context = {
    type: 'workflow',
    namespace,
    workflowId: keeperWorkflowId(credentialId),
  } as const;
  for (const codec of payloadCodecs) opened = await codec.decode(opened, context);
  const [first] = opened;
  return first === undefined ? undefined : payloadConverter.fromPayload(first);
}
