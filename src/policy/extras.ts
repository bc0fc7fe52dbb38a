import type { JsonObject } from '../contract/credential.js';
import { jsonBytes } from '../contract/json-bytes.js';
import { EXTRAS_MAX_BYTES } from './attempt-numbers.js';

/**
 * The extras of a token: those of its answer, and of the tokens before what no answer has replaced. Where they are more than a
 * token may carry, the newest come first, and what does not fit beside them is left out: a result that Temporal does not take
 * would be lost with its token. An older one that still fits is as good as before, so it stays.
 */
export function mergedExtras(before: JsonObject = {}, newest: JsonObject = {}): JsonObject {
  const older = Object.entries(before).filter(([name]) => !Object.hasOwn(newest, name));
  let bytesLeft = EXTRAS_MAX_BYTES;
  // The newest come last, so that their order is that of their age.
  const kept = [...older, ...Object.entries(newest)].reverse().filter(([name, value]) => {
    const bytes = jsonBytes([name, value]);
    if (bytes > bytesLeft) return false;
    bytesLeft -= bytes;
    return true;
  });
  return Object.fromEntries(kept.reverse());
}
