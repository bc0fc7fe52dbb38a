import type { Json, JsonObject } from '../../contract/credential.js';
import { jsonBytes } from '../../contract/json-bytes.js';
import { EXTRA_MAX_DEPTH, TOKEN_FIELD_MAX_BYTES } from '../../policy/attempt-numbers.js';

/** The extras that can be kept with a token. Larger or deeper ones are left out, so that the token is not lost with them. */
export function keepableExtras(extras: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(extras).filter(([, value]) => isKeepable(value)));
}

function isKeepable(value: Json): boolean {
  // Depth is checked first, because too deep a value makes the serializer fail.
  return isWithinDepth(value, EXTRA_MAX_DEPTH) && jsonBytes(value) <= TOKEN_FIELD_MAX_BYTES;
}

function isWithinDepth(value: Json, levelsLeft: number): boolean {
  if (typeof value !== 'object' || value === null) return true;
  return (
    levelsLeft > 0 && Object.values(value).every((below) => isWithinDepth(below, levelsLeft - 1))
  );
}
