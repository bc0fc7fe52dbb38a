import { z } from 'zod';
import { nameHint } from '../settings/closest-name.js';

/** One thing wrong with a value, and where in it. */
export interface FieldProblem {
  readonly path: readonly PropertyKey[];
  readonly reason: string;
}

/** A value that satisfies its schema, or all that is wrong with it. */
export type Checked<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly problems: readonly FieldProblem[] };

/** Checks a value; unknown keys are reported one by one, with the known name that is nearest. */
export function check<T>(schema: z.ZodType<T>, value: unknown): Checked<T> {
  const parsed = schema.safeParse(value, { error: wrongType });
  if (parsed.success) return { ok: true, value: parsed.data };
  const problems = parsed.error.issues.flatMap((issue) =>
    issue.code === 'unrecognized_keys'
      ? issue.keys.map((key) => unknownKey(issue.path, key, keysAt(schema, issue.path)))
      : [{ path: issue.path, reason: lowerCaseStart(issue.message) }],
  );
  return { ok: false, problems };
}

/** Problem of a key that nobody knows, with the known name that most likely was meant. */
export function unknownKey(
  parent: readonly PropertyKey[],
  key: string,
  known: readonly string[],
): FieldProblem {
  return { path: [...parent, key], reason: `unknown field; ${nameHint(key, known)}` };
}

/** Keys that the object schema at a path knows; empty where there is none. */
export function keysAt(schema: z.ZodType, path: readonly PropertyKey[]): readonly string[] {
  let at = unwrapped(schema);
  for (const step of path) {
    if (at instanceof z.ZodArray) at = unwrapped(at.element);
    else if (at instanceof z.ZodObject) at = unwrapped(at.shape[String(step)]);
  }
  return at instanceof z.ZodObject ? Object.keys(at.shape) : [];
}

function unwrapped(schema: unknown): unknown {
  return schema instanceof z.ZodOptional ||
    schema instanceof z.ZodExactOptional ||
    schema instanceof z.ZodDefault
    ? unwrapped(schema.unwrap())
    : schema;
}

const FIELDS = 'fields, each written as name: value';

/** What a file must have in a place, by the type that a schema expects there. */
const MUST_BE: Readonly<Partial<Record<string, string>>> = {
  string: 'text',
  boolean: 'true or false',
  array: 'a list',
  object: FIELDS,
  record: FIELDS,
};

const wrongType: z.core.$ZodErrorMap = (issue) => {
  if (issue.code !== 'invalid_type') return undefined;
  if (issue.input === undefined) return 'is missing';
  const wanted = MUST_BE[issue.expected];
  if (wanted === undefined) return undefined;
  return `${issue.input === null ? 'is empty; it ' : ''}must be ${wanted}`;
};

function lowerCaseStart(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1);
}
