import type { Json } from './credential.js';

/** How many bytes a value takes as JSON. Temporal limits bytes, of which a character takes up to three, and six if escaped. */
export function jsonBytes(value: Json): number {
  return new TextEncoder().encode(JSON.stringify(value)).length;
}
