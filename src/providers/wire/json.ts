import type { JsonObject } from '../../contract/credential.js';

const BYTE_ORDER_MARK = '\uFEFF';

/**
 * The JSON object of an answer's text, or `undefined` for any other text. A byte order mark is skipped;
 * of duplicate keys the last one counts, as in every JavaScript client.
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

/** What `JSON.parse` makes of an object holds only JSON. */
function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
