import type { z } from 'zod';
import type { JsonObject } from '../contract/credential.js';
import type { CodeTable } from '../policy/classify.js';
import { ProviderConfigError } from './provider-config-error.js';
import { MaterialError } from './material-error.js';
import {
  factsOf,
  type MaterialFields,
  type MaterialOf,
  materialSchemaOf,
  requiredFieldsOf,
} from './material-fields.js';
import type {
  ClientIdentity,
  ConfiguredProvider,
  Now,
  Provider,
  ProviderFacts,
  Send,
  WireRequest,
} from './port.js';

/** A provider in its own types: its functions get what its schemas have read. */
export interface ProviderDefinition<
  Config extends JsonObject,
  Fields extends MaterialFields<Config>,
> extends Pick<Provider, 'name' | 'title' | 'responseSchema' | 'timing'> {
  readonly configSchema: z.ZodType<Config>;
  /** Declares every field once, with all that is true of it. */
  readonly material: Fields;
  readonly configure: (config: Config) => ConfiguredWire<MaterialOf<Fields>>;
}

/** What a provider does under one configuration. */
export interface ConfiguredWire<SecretMaterial>
  extends
    Pick<ConfiguredProvider, 'rotates' | 'judge'>,
    Partial<Pick<ConfiguredProvider, 'lifetimeUnit' | 'codes'>> {
  readonly client?: (material: SecretMaterial) => ClientIdentity | undefined;
  readonly prepare: (
    material: SecretMaterial,
    lookUp: Send,
    now: Now,
  ) => WireRequest | Promise<WireRequest>;
  readonly revocations?: (
    material: SecretMaterial,
    accessToken: string | undefined,
    lookUp: Send,
    now: Now,
  ) => Promise<readonly WireRequest[]>;
}

const NO_CODES: CodeTable = { permanent: [], transient: [], clientRejected: [] };

/** Turns a definition into a provider, which takes and gives plain JSON, as the registry needs it. */
export function defineProvider<Config extends JsonObject, Fields extends MaterialFields<Config>>(
  definition: ProviderDefinition<Config, Fields>,
): Provider {
  const { name, title, timing, configSchema, responseSchema } = definition;
  const material = factsOf(definition.material);
  const materialSchema = materialSchemaOf(definition.material);
  const spentField = Object.keys(material).find((field) => material[field]?.isSpent);
  if (spentField === undefined) throw new Error(`a refresh spends nothing [provider=${name}]`);
  const spendsToken = spentField === 'accessToken';
  const facts: ProviderFacts = {
    name,
    title,
    timing,
    material,
    materialSchema,
    spentField,
    spendsToken,
  };

  const configure = (written: JsonObject): ConfiguredProvider => {
    const config = readOrThrow(configSchema, written, ProviderConfigError);
    const wire = definition.configure(config);
    const read = (resolved: JsonObject): MaterialOf<Fields> =>
      readOrThrow(materialSchema, resolved, MaterialError);
    return {
      lifetimeUnit: 'seconds',
      codes: NO_CODES,
      ...facts,
      ...wire,
      requiredFields: requiredFieldsOf(definition.material, config),
      client: (resolved) => wire.client?.(read(resolved)),
      prepare: async (resolved, lookUp, now) => wire.prepare(read(resolved), lookUp, now),
      revocations: async (resolved, accessToken, lookUp, now) =>
        (await wire.revocations?.(read(resolved), accessToken, lookUp, now)) ?? [],
    };
  };
  return { ...facts, configSchema, responseSchema, configure };
}

/** Throws an error that names only the key. zod's own error could be printed with the value in it. */
function readOrThrow<Read>(
  schema: z.ZodType<Read>,
  written: JsonObject,
  Refused: new (key: string, problem: string) => Error,
): Read {
  const read = schema.safeParse(written);
  if (read.success) return read.data;
  const issue = read.error.issues[0];
  throw new Refused(issue?.path.join('.') ?? '', issue?.message ?? '');
}
