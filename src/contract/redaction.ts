import type { Json, JsonObject } from './credential.js';
import { PAYLOAD_SHAPES, PAYLOAD_WORDS } from './payload-shapes.js';
import { looksLikeSecretName, withoutQuery } from './secret-names.js';
import { type Field, fitsExactly, type OptionalField, type Visibility } from './shape.js';

/** Stands where something secret, or something unknown, was hidden. */
export const HIDDEN = '[secret]';

/** Runs of characters of which tokens are made, long enough to be one. */
const TOKEN_LIKE_RUN = /[\w+/=.~-]{20,}/g;
/** How often a run goes from letters to digits or back before it counts as a token and not as a name. */
const TOKEN_LIKE_CHANGES = 4;

/**
 * A decoded JSON payload as operators may see it. An object is shown only if it has the shape of a contract type; its
 * secret fields are hidden, and so is any other string that contains one of their values, and what is named like a
 * secret in a configuration. Any other object, list, number or boolean is hidden whole. A lone word is shown if it is
 * one of ours. A text of several words (summaries, details, messages) counts as ours and is shown, except for runs that
 * look like a token.
 */
export function redact(payload: Json): Json {
  if (payload === null) return null;
  if (typeof payload === 'string') {
    return PAYLOAD_WORDS.has(payload) || /\s/.test(payload) ? redactText(payload) : HIDDEN;
  }
  const field = PAYLOAD_SHAPES.find((shape) => fitsExactly(payload, shape));
  return field === undefined ? HIDDEN : show(payload, field, secretsIn(payload, field));
}

function secretsIn(value: Json, field: Field): readonly string[] {
  switch (field.type) {
    case 'object':
      return isObject(value)
        ? Object.entries(value).flatMap(([name, below]) =>
            secretsIn(below, fieldOf(field.fields[name])),
          )
        : [];
    case 'record':
    case 'list':
      return isTree(value)
        ? Object.values(value).flatMap((below: Json) => secretsIn(below, field.of))
        : [];
    case 'either':
      return secretsIn(value, chosen(value, field.of));
    case 'text':
    case 'number':
    case 'boolean':
    case 'json':
      return field.visibility === 'secret' ? stringsIn(value) : [];
  }
}

function stringsIn(value: Json): readonly string[] {
  if (typeof value === 'string') return value === '' ? [] : [value];
  return isTree(value) ? Object.values(value).flatMap(stringsIn) : [];
}

function show(value: Json, field: Field, secrets: readonly string[]): Json {
  switch (field.type) {
    case 'object':
      return mapObject(value, (name, below) => show(below, fieldOf(field.fields[name]), secrets));
    case 'record':
      return mapObject(value, (name, below) =>
        isNamedLikeSecret(name, field.of) ? hide(below) : show(below, field.of, secrets),
      );
    case 'list':
      return isList(value) ? value.map((below) => show(below, field.of, secrets)) : HIDDEN;
    case 'either':
      return show(value, chosen(value, field.of), secrets);
    case 'json':
      return field.visibility === 'secret' ? hide(value) : showJson(value, secrets);
    case 'text':
    case 'number':
    case 'boolean':
      return showLeaf(value, field.visibility, secrets);
  }
}

function showLeaf(value: Json, visibility: Visibility, secrets: readonly string[]): Json {
  if (visibility === 'secret') return HIDDEN;
  if (typeof value !== 'string') return value;
  if (secrets.some((secret) => value.includes(secret))) return HIDDEN;
  return visibility === 'text' ? redactText(value) : value;
}

/** Free JSON, such as a configuration: whatever its schema let through, it may hold a secret by mistake. */
function showJson(value: Json, secrets: readonly string[]): Json {
  if (isList(value)) return value.map((below) => showJson(below, secrets));
  if (isObject(value)) {
    return mapObject(value, (name, below) =>
      looksLikeSecretName(name) ? hide(below) : showJson(below, secrets),
    );
  }
  if (typeof value !== 'string') return value;
  return showLeaf(withoutQuery(value, HIDDEN), 'shown', secrets);
}

/** Fields of secret records are hidden anyway, whatever their names. */
function isNamedLikeSecret(name: string, of: Field): boolean {
  return of.type === 'json' && looksLikeSecretName(name);
}

function hide(value: Json): Json {
  if (isList(value)) return value.map(hide);
  if (isObject(value)) return mapObject(value, (_name, below) => hide(below));
  return value === null ? null : HIDDEN;
}

/** What is not known is secret; `fitsExactly` has seen to it that everything is. */
function fieldOf(field: Field | OptionalField | undefined): Field {
  if (field === undefined) return { type: 'json', visibility: 'secret' };
  return 'optional' in field ? field.optional : field;
}

function chosen(value: Json, fields: readonly Field[]): Field {
  return fieldOf(fields.find((field) => fitsExactly(value, field)));
}

/** A text of ours that may quote something else: runs in it that look like a token are hidden. */
export function redactText(text: string): string {
  return text.replace(TOKEN_LIKE_RUN, (run) => {
    const changes = run.match(/[a-z][^a-z\d]*(?=\d)|\d[^a-z\d]*(?=[a-z])/gi)?.length ?? 0;
    return changes < TOKEN_LIKE_CHANGES ? run : HIDDEN;
  });
}

function mapObject(value: Json, map: (name: string, below: Json) => Json): Json {
  if (!isObject(value)) return HIDDEN;
  return Object.fromEntries(Object.entries(value).map(([name, below]) => [name, map(name, below)]));
}

function isTree(value: Json): value is JsonObject | readonly Json[] {
  return typeof value === 'object' && value !== null;
}

function isObject(value: Json): value is JsonObject {
  return isTree(value) && !isList(value);
}

function isList(value: Json): value is readonly Json[] {
  return Array.isArray(value);
}
