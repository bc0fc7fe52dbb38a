import type { JsonObject } from '../../contract/credential.js';

const BYTE_ORDER_MARK = '\uFEFF';

/**
 * The JSON object in an answer's text; `undefined` for any other text. A byte order mark is skipped. Of duplicate keys the
 * last one counts, as in every JavaScript client.
 */
export function parseJsonObject(text: string): JsonObject | undefined {
  const value = parseJson(text.startsWith(BYTE_ORDER_MARK) ? text.slice(1) : text);
  return isJsonObject(value) ? value : undefined;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** An object from `JSON.parse` holds only JSON. */
function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
