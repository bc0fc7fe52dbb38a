import type { Field, OptionalField } from '../../src/contract/shape.js';

/** Values of a shape: one with all that it may have, and one with no more than it must have. */
export function samples(field: Field): readonly unknown[] {
  return [sample(field, true), sample(field, false)];
}

/** A value of a shape, with or without what is optional. */
export function sample(field: Field, isFull: boolean): unknown {
  switch (field.type) {
    case 'text':
      return field.words?.[0] ?? 'a text';
    case 'number':
      return 1;
    case 'boolean':
      return true;
    case 'json':
      return { any: 'json' };
    case 'object':
      return Object.fromEntries(
        Object.entries(field.fields)
          .filter(([, below]) => isFull || !('optional' in below))
          .map(([name, below]) => [name, sample(fieldOf(below), isFull)]),
      );
    case 'record':
      return { anyName: sample(field.of, isFull) };
    case 'list':
      return [sample(field.of, isFull)];
    case 'either':
      return field.of[0] === undefined ? undefined : sample(field.of[0], isFull);
  }
}

function fieldOf(field: Field | OptionalField): Field {
  return 'optional' in field ? field.optional : field;
}
