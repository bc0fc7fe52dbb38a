import type { Json, JsonObject } from './credential.js';
import { PAYLOAD_SHAPES, PAYLOAD_WORDS, type Shape, type Visibility } from './payload-shapes.js';

/** Stands where something secret, or something unknown, was hidden. */
export const HIDDEN = '[secret]';

/** Runs of characters of which tokens are made, long enough to be one. */
const TOKEN_LIKE_RUN = /[\w+/=.~-]{20,}/g;
/** How often a run goes from letters to digits or back before it counts as a token and not as a name. */
const TOKEN_LIKE_CHANGES = 4;

/**
 * A decoded JSON payload as operators may see it. An object is shown only if every field is one of a contract
 * type; its secret fields are hidden, and so is any other string that contains one of their values. Any other
 * object, list, number or boolean is hidden whole. A lone word is shown if it is one of ours. A text of several
 * words (summaries, details, messages) is ours by that and shown, except runs that look like a token.
 */
export function redact(payload: Json): Json {
  if (payload === null) return null;
  if (typeof payload === 'string') {
    return PAYLOAD_WORDS.has(payload) || /\s/.test(payload) ? redactText(payload) : HIDDEN;
  }
  if (!isObject(payload)) return HIDDEN;
  const known = PAYLOAD_SHAPES.find(
    ({ shape, needs }) => needs.every((key) => Object.hasOwn(payload, key)) && fits(payload, shape),
  );
  if (known === undefined) return HIDDEN;
  return show(payload, known.shape, secretsIn(payload, known.shape));
}

function fits(value: Json, shape: Shape): boolean {
  return (
    isObject(value) &&
    Object.entries(value).every(([key, below]) => {
      const part = Object.hasOwn(shape, key) ? shape[key] : undefined;
      return typeof part === 'object' ? fits(below, part) : part !== undefined;
    })
  );
}

function secretsIn(value: Json, part: Visibility | Shape): readonly string[] {
  if (part === 'secret') return stringsIn(value);
  if (typeof part === 'string' || !isObject(value)) return [];
  return Object.entries(value).flatMap(([key, below]) => secretsIn(below, part[key] ?? 'secret'));
}

function stringsIn(value: Json): readonly string[] {
  if (typeof value === 'string') return value === '' ? [] : [value];
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(stringsIn) : [];
}

function show(value: Json, part: Visibility | Shape, secrets: readonly string[]): Json {
  if (part === 'secret') return mapLeaves(value, () => HIDDEN);
  if (part === 'tree') return mapLeaves(value, (leaf) => withoutSecrets(leaf, secrets));
  if (typeof part === 'object' && isObject(value)) {
    return Object.fromEntries(
      Object.entries(value).map(([key, below]) => [
        key,
        show(below, part[key] ?? 'secret', secrets),
      ]),
    );
  }
  if (typeof value === 'object' && value !== null) return HIDDEN;
  const shown = withoutSecrets(value, secrets);
  return part === 'text' && typeof shown === 'string' ? redactText(shown) : shown;
}

function withoutSecrets(leaf: Json, secrets: readonly string[]): Json {
  return typeof leaf === 'string' && secrets.some((secret) => leaf.includes(secret))
    ? HIDDEN
    : leaf;
}

/** A text of ours that may quote something else: runs in it that look like a token are hidden. */
export function redactText(text: string): string {
  return text.replace(TOKEN_LIKE_RUN, (run) => {
    const changes = run.match(/[a-z][^a-z\d]*(?=\d)|\d[^a-z\d]*(?=[a-z])/gi)?.length ?? 0;
    return changes < TOKEN_LIKE_CHANGES ? run : HIDDEN;
  });
}

function mapLeaves(value: Json, map: (leaf: Json) => Json): Json {
  if (isList(value)) return value.map((below) => mapLeaves(below, map));
  if (!isObject(value)) return value === null ? null : map(value);
  return Object.fromEntries(
    Object.entries(value).map(([key, below]) => [key, mapLeaves(below, map)]),
  );
}

function isObject(value: Json): value is JsonObject {
  return typeof value === 'object' && value !== null && !isList(value);
}

function isList(value: Json): value is readonly Json[] {
  return Array.isArray(value);
}
