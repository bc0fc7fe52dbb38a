import type { Payload } from '@temporalio/common';
import { z } from 'zod';

/**
 * Body of requests and answers of Temporal's remote codec protocol: protobuf JSON, so all bytes are base64.
 * https://docs.temporal.io/remote-data-encoding
 */
export const payloadsJsonSchema = z.object({
  payloads: z.array(
    z.object({
      metadata: z.record(z.string(), z.base64()).default({}),
      data: z.base64().default(''),
    }),
  ),
});

type PayloadsJson = z.output<typeof payloadsJsonSchema>;

/** Payloads of a checked body. */
export function payloadsFromJson({ payloads }: PayloadsJson): Payload[] {
  return payloads.map(({ metadata, data }) => ({
    metadata: mapValues(metadata, (base64) => Buffer.from(base64, 'base64')),
    data: Buffer.from(data, 'base64'),
  }));
}

/** Payloads as a body. */
export function payloadsToJson(payloads: readonly Payload[]): PayloadsJson {
  return {
    payloads: payloads.map(({ metadata, data }) => ({
      metadata: mapValues(metadata ?? {}, toBase64),
      data: toBase64(data ?? new Uint8Array()),
    })),
  };
}

function toBase64(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('base64');
}

function mapValues<A, B>(record: Readonly<Record<string, A>>, map: (value: A) => B) {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, map(value)]));
}
