/** How a value is shown to operators: as it is, without what looks like a token, or not at all. */
export type Visibility = 'shown' | 'text' | 'secret';

/** What one value is, and how it is shown. */
export type Field =
  | {
      readonly type: 'text' | 'number' | 'boolean';
      readonly visibility: Visibility;
      /** The only texts that it can be. */
      readonly words?: readonly string[];
    }
  /** Any JSON. */
  | { readonly type: 'json'; readonly visibility: Visibility }
  | { readonly type: 'object'; readonly fields: Shape }
  /** An object with fields of any name. */
  | { readonly type: 'record'; readonly of: Field }
  | { readonly type: 'list'; readonly of: Field }
  | { readonly type: 'either'; readonly of: readonly Field[] };

/** A field that an object may lack. */
export interface OptionalField {
  readonly optional: Field;
}

/** All fields of an object. */
export interface Shape {
  readonly [name: string]: Field | OptionalField;
}

/** Every field of a contract type: a new one does not compile until it is decided here. */
export type ShapeOf<T> = {
  readonly [Name in keyof T]-?: object extends Pick<T, Name> ? OptionalField : Field;
};

export const text: Field = { type: 'text', visibility: 'shown' };
export const number: Field = { type: 'number', visibility: 'shown' };
export const boolean: Field = { type: 'boolean', visibility: 'shown' };
/** A text that may quote something else. */
export const quotingText: Field = { type: 'text', visibility: 'text' };
export const secretText: Field = { type: 'text', visibility: 'secret' };
export const secretJson: Field = { type: 'json', visibility: 'secret' };
export const shownJson: Field = { type: 'json', visibility: 'shown' };

export function words(...all: readonly string[]): Field {
  return { type: 'text', visibility: 'shown', words: all };
}

export function object(fields: Shape): Field {
  return { type: 'object', fields };
}

export function record(of: Field): Field {
  return { type: 'record', of };
}

export function list(of: Field): Field {
  return { type: 'list', of };
}

export function either(...of: readonly Field[]): Field {
  return { type: 'either', of };
}

export function optional(field: Field): OptionalField {
  return { optional: field };
}

/**
 * Whether a decoded JSON value is what a field says: nothing missing, and each value of its type. Fields and words that
 * only a later build knows are let through, so that an older one carries them on.
 */
export function fits(value: unknown, field: Field): boolean {
  return matches(value, field, false);
}

/** Whether a value fits and has nothing that is unknown. */
export function fitsExactly(value: unknown, field: Field): boolean {
  return matches(value, field, true);
}

/** A value that fits, without the fields that only a later build knows. */
export function knownPart(value: unknown, field: Field): unknown {
  switch (field.type) {
    case 'object':
      return isObject(value) ? mapped(value, (name) => fieldIn(field.fields, name)) : value;
    case 'record':
      return isObject(value) ? mapped(value, () => field.of) : value;
    case 'list':
      return Array.isArray(value) ? value.map((below) => knownPart(below, field.of)) : value;
    case 'either': {
      const chosen = field.of.find((one) => fits(value, one));
      return chosen === undefined ? value : knownPart(value, chosen);
    }
    case 'text':
    case 'number':
    case 'boolean':
    case 'json':
      return value;
  }
}

function mapped(
  value: Readonly<Record<string, unknown>>,
  fieldOf: (name: string) => Field | undefined,
): Readonly<Record<string, unknown>> {
  const entries = Object.entries(value).flatMap(([name, below]) => {
    const field = fieldOf(name);
    return field === undefined ? [] : [[name, knownPart(below, field)] as const];
  });
  return Object.fromEntries(entries);
}

function fieldIn(fields: Shape, name: string): Field | undefined {
  const field = Object.hasOwn(fields, name) ? fields[name] : undefined;
  return field !== undefined && 'optional' in field ? field.optional : field;
}

function matches(value: unknown, field: Field, exactly: boolean): boolean {
  switch (field.type) {
    case 'text':
      return typeof value === 'string' && (!exactly || (field.words?.includes(value) ?? true));
    case 'number':
      return typeof value === 'number' && Number.isFinite(value);
    case 'boolean':
      return typeof value === 'boolean';
    case 'json':
      return value !== undefined;
    case 'object':
      return isObject(value) && hasShape(value, field.fields, exactly);
    case 'record':
      return (
        isObject(value) && Object.values(value).every((below) => matches(below, field.of, exactly))
      );
    case 'list':
      return Array.isArray(value) && value.every((below) => matches(below, field.of, exactly));
    case 'either':
      return field.of.some((one) => matches(value, one, exactly));
  }
}

/** Own fields only: what an object inherits is none of it. */
function hasShape(
  value: Readonly<Record<string, unknown>>,
  shape: Shape,
  exactly: boolean,
): boolean {
  if (exactly && !Object.keys(value).every((name) => Object.hasOwn(shape, name))) return false;
  return Object.entries(shape).every(([name, field]) => {
    const isThere = Object.hasOwn(value, name);
    if ('optional' in field) return !isThere || matches(value[name], field.optional, exactly);
    return isThere && matches(value[name], field, exactly);
  });
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
