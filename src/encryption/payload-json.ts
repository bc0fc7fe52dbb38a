import { METADATA_ENCODING_KEY } from '@temporalio/common';
import type { Payload } from '@temporalio/common';

/** How Temporal's data converters encode what a payload holds. */
export function encodingOf(payload: Payload): string {
  return Buffer.from(payload.metadata?.[METADATA_ENCODING_KEY] ?? []).toString();
}

/** The text of a JSON payload, to the byte; `undefined` of any other payload. */
export function jsonText(payload: Payload): string | undefined {
  return encodingOf(payload) === 'json/plain'
    ? Buffer.from(payload.data ?? []).toString()
    : undefined;
}

/** The value of a JSON payload; `undefined` of any other payload, and of what is no JSON although it says so. */
export function jsonIn(payload: Payload): unknown {
  try {
    return JSON.parse(jsonText(payload) ?? '') as unknown;
  } catch {
    return undefined;
  }
}
