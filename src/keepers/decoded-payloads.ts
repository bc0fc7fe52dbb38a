import type { Client } from '@temporalio/client';
import type { Payload, SerializationContext } from '@temporalio/common';
import { keeperWorkflowId } from '../contract/names.js';

/**
 * Decodes the first value of payloads that the client library hands out undecoded: those of a credential's keeper, or of one
 * of its activities. Rejects with an `UndecipherableError`.
 */
export async function firstDecoded(
  client: Client,
  credentialId: string,
  payloads: readonly Payload[] | null | undefined,
  activityId?: string,
): Promise<unknown> {
  const { payloadCodecs, payloadConverter } = client.options.loadedDataConverter;
  let opened = [...(payloads ?? [])];
  const { namespace } = client.options;
  const workflowId = keeperWorkflowId(credentialId);
  const context: SerializationContext =
    activityId === undefined
      ? { type: 'workflow', namespace, workflowId }
      : { type: 'activity', namespace, workflowId, activityId, isLocal: false };
  for (const codec of payloadCodecs) opened = await codec.decode(opened, context);
  const [first] = opened;
  return first === undefined ? undefined : payloadConverter.fromPayload(first);
}
