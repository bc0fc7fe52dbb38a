import type { z } from 'zod';
import type { JsonObject } from '../contract/credential.js';
import type { CodeTable } from '../policy/classify.js';
import type { LifetimeUnit } from '../policy/lifetime.js';
import { MaterialError } from './material-error.js';
import type {
  ClientIdentity,
  Judgement,
  Provider,
  ResolvedMaterial,
  Send,
  WireAnswer,
  WireRequest,
} from './port.js';

/** A provider in its own types: what its schemas read, its functions get. */
export interface ProviderDefinition<
  Config extends JsonObject,
  SecretMaterial extends ResolvedMaterial,
> extends Omit<
  Provider,
  | 'configSchema'
  | 'materialSchema'
  | 'requiredFields'
  | 'rotates'
  | 'client'
  | 'lifetimeUnit'
  | 'codes'
  | 'prepare'
  | 'revocations'
  | 'judge'
> {
  readonly configSchema: z.ZodType<Config>;
  readonly materialSchema: z.ZodType<SecretMaterial>;
  readonly requiredFields: (config: Config) => readonly (keyof SecretMaterial & string)[];
  readonly rotates: (config: Config) => boolean;
  readonly client?: (config: Config, material: SecretMaterial) => ClientIdentity | undefined;
  readonly lifetimeUnit: (config: Config) => LifetimeUnit;
  readonly codes: (config: Config) => CodeTable;
  readonly prepare: (
    config: Config,
    material: SecretMaterial,
    lookUp: Send,
  ) => WireRequest | Promise<WireRequest>;
  readonly revocations?: (
    config: Config,
    material: SecretMaterial,
    accessToken: string | undefined,
    lookUp: Send,
  ) => Promise<readonly WireRequest[]>;
  readonly judge: (answer: WireAnswer, config: Config) => Judgement;
}

/**
 * Makes a provider of its definition, so that the registry sees plain JSON. Configuration may come as written
 * or as its schema returned it: defaults are filled in either way. A configuration that its schema refuses
 * makes every function throw zod's error, which names keys and no value.
 */
export function defineProvider<Config extends JsonObject, SecretMaterial extends ResolvedMaterial>(
  definition: ProviderDefinition<Config, SecretMaterial>,
): Provider {
  const read = (config: JsonObject): Config => definition.configSchema.parse(config);
  return {
    ...definition,
    requiredFields: (config) => definition.requiredFields(read(config)),
    rotates: (config) => definition.rotates(read(config)),
    client: (config, material) =>
      definition.client?.(read(config), readMaterial(definition.materialSchema, material)),
    lifetimeUnit: (config) => definition.lifetimeUnit(read(config)),
    codes: (config) => definition.codes(read(config)),
    prepare: async (config, material, lookUp) =>
      definition.prepare(read(config), readMaterial(definition.materialSchema, material), lookUp),
    revocations: async (config, material, accessToken, lookUp) =>
      (await definition.revocations?.(
        read(config),
        readMaterial(definition.materialSchema, material),
        accessToken,
        lookUp,
      )) ?? [],
    judge: (answer, config) => definition.judge(answer, read(config)),
  };
}

function readMaterial<SecretMaterial>(
  schema: z.ZodType<SecretMaterial>,
  material: ResolvedMaterial,
): SecretMaterial {
  const read = schema.safeParse(material);
  if (read.success) return read.data;
  const issue = read.error.issues[0];
  throw new MaterialError(issue?.path.join('.') ?? '', issue?.message ?? '');
}
