import { z } from 'zod';
import { defined } from '../contract/defined.js';
import { table } from './output.js';

/** A field that a provider needs or answers with. */
export interface Field {
  readonly name: string;
  readonly isRequired: boolean;
  readonly default?: unknown;
  readonly description: string;
}

const jsonSchema = z.object({
  properties: z.record(
    z.string(),
    z.object({ description: z.string().default(''), default: z.unknown().optional() }),
  ),
  required: z.array(z.string()).default([]),
});

export function fieldsOf(schema: z.ZodType): readonly Field[] {
  const { properties, required } = jsonSchema.parse(z.toJSONSchema(schema, { io: 'input' }));
  return Object.entries(properties).map(([name, { description, default: fallback }]) => ({
    name,
    isRequired: required.includes(name),
    ...defined({ default: fallback }),
    description,
  }));
}

export function fieldTable(fields: readonly Field[]): string {
  return table(
    ['  FIELD', 'DEFAULT', 'MEANING'],
    fields.map((field) => [`  ${field.name}`, defaultText(field), field.description]),
  );
}

function defaultText(field: Field): string {
  if (field.isRequired) return 'required';
  return field.default === undefined ? '' : JSON.stringify(field.default);
}
