import { z } from 'zod';
import type { JsonObject } from '../contract/credential.js';
import type { MaterialFieldFacts, ResolvedMaterial } from './port.js';
import { secretText } from './wire/secret-text.js';

/** A field of material as a provider declares it. Each default is the careful choice. */
export interface MaterialField<Config extends JsonObject = JsonObject> {
  /** Optional if some configuration refreshes without it. */
  readonly schema: z.ZodType<string>;
  /** Whether this configuration needs the field although its schema is optional. Default: no configuration does. */
  readonly isRequired?: (config: Config) => boolean;
  /** Default true. */
  readonly isSecret?: boolean;
  /** Default false. */
  readonly isSpent?: boolean;
  /** Default false: the field may then be a reference that the worker reads. */
  readonly isReplaced?: boolean;
}

/** All fields of a provider's material, by name. */
export type MaterialFields<Config extends JsonObject = JsonObject> = Readonly<
  Record<string, MaterialField<Config>>
>;

export type MaterialOf<Fields extends MaterialFields<never>> = z.output<
  z.ZodObject<{ [Name in keyof Fields]: Fields[Name]['schema'] }, z.core.$strict>
>;

const expiresAt = {
  schema: z.iso
    .datetime({ offset: true })
    .describe('When `accessToken` expires, RFC 3339')
    .exactOptional(),
  isSecret: false,
  isReplaced: true,
} as const;

/** Material of a provider whose access token refreshes itself. */
export const renewingToken = {
  accessToken: {
    schema: secretText.describe('The current access token; it must still be valid'),
    isSpent: true,
    isReplaced: true,
  },
  expiresAt,
} as const;

/** A token to serve until the first refresh, beside the material that a refresh spends. */
export const seedToken = {
  accessToken: {
    schema: secretText
      .describe('A token that is already there, served until the first refresh')
      .exactOptional(),
    isReplaced: true,
  },
  expiresAt,
} as const;

/** Schema of material that has these fields and no others. */
export function materialSchemaOf<Fields extends MaterialFields<never>>(
  fields: Fields,
): z.ZodType<MaterialOf<Fields> & ResolvedMaterial>;
export function materialSchemaOf(fields: MaterialFields<never>): z.ZodType<ResolvedMaterial> {
  const shape = Object.entries(fields).map(([name, { schema }]) => [name, schema] as const);
  return z
    .strictObject(Object.fromEntries(shape))
    .refine((material) => !('expiresAt' in material) || 'accessToken' in material, {
      path: ['expiresAt'],
      message: 'belongs to an accessToken',
    });
}

/** What is true of each field. */
export function factsOf(
  fields: MaterialFields<never>,
): Readonly<Record<string, MaterialFieldFacts>> {
  return Object.fromEntries(
    Object.entries(fields).map(
      ([name, { isSecret = true, isSpent = false, isReplaced = false }]) => [
        name,
        { isSecret, isSpent, isReplaced },
      ],
    ),
  );
}

/** The fields without which a configuration cannot refresh. */
export function requiredFieldsOf<Config extends JsonObject>(
  fields: MaterialFields<Config>,
  config: Config,
): readonly string[] {
  return Object.entries(fields)
    .filter(
      ([, { schema, isRequired }]) =>
        !(schema instanceof z.ZodExactOptional) || isRequired?.(config) === true,
    )
    .map(([name]) => name);
}
