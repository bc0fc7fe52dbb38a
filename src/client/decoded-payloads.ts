import type { Client } from '@temporalio/client';
import type { Payload } from '@temporalio/common';

/** First value of payloads that the client library hands out as they came. Rejects with an `UndecipherableError`. */
export async function firstDecoded(
  client: Client,
  payloads: readonly Payload[] | null | undefined,
): Promise<unknown> {
  const { payloadCodecs, payloadConverter } = client.options.loadedDataConverter;
  let opened = [...(payloads ?? [])];
  for (const codec of payloadCodecs) opened = await codec.decode(opened);
  const [first] = opened;
  return first === undefined ? undefined : payloadConverter.fromPayload(first);
}
