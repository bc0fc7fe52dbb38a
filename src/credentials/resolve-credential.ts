import type {
  CredentialSpec,
  Fingerprints,
  JsonObject,
  Material,
  MaterialValue,
  RefreshTiming,
} from '../contract/credential.js';
import { defined } from '../contract/defined.js';
import { redactText } from '../contract/redaction.js';
import { visibleLine } from '../contract/visible-text.js';
import { leadRule } from '../policy/refresh-time.js';
import { appliedMaterialProblems } from '../providers/applied-material.js';
import { fingerprintOf } from '../providers/fingerprint.js';
import type { ConfiguredProvider, Provider } from '../providers/port.js';
import type { ProviderRegistry } from '../providers/registry.js';
import { seedTokenOf } from '../providers/seed-token.js';
import { nameHint } from '../settings/closest-name.js';
import type { CredentialEntry } from './credential-entry.js';
import type { MaterialSource } from './material-source.js';
import { check, keysAt, unknownKey } from './schema-problems.js';
import type { Checked, FieldProblem } from './schema-problems.js';

/** What resolving a credential needs from outside. */
export interface CredentialSources {
  readonly providers: ProviderRegistry;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The value in a file that `$file` names; `undefined` if it may not be read. */
  readonly readSecretFile: (path: string) => string | undefined;
  /** When the credential is applied, milliseconds since the epoch. */
  readonly nowMs: number;
}

/** Makes of an entry what a keeper takes, or says all that is wrong with it, never showing a value of material. */
export function resolveCredential(
  entry: CredentialEntry,
  sources: CredentialSources,
): Checked<CredentialSpec> {
  const provider = providerOf(entry, sources.providers);
  if (!provider.ok) return provider;
  const config = check(provider.value.configSchema, entry.config);
  const material = materialFrom(entry.material, sources);
  if (!config.ok || !material.ok) {
    const problems = [
      ...(config.ok ? [] : below('config', config.problems)),
      ...(material.ok ? [] : below('material', material.problems)),
    ];
    return { ok: false, problems };
  }
  const configured = provider.value.configure(config.value);
  const problems = below('material', materialProblems(configured, material.value));
  if (problems.length > 0) return { ok: false, problems };
  return {
    ok: true,
    value: specOf(entry, configured, config.value, material.value, sources.nowMs),
  };
}

function specOf(
  entry: CredentialEntry,
  provider: ConfiguredProvider,
  config: JsonObject,
  material: Material,
  nowMs: number,
): CredentialSpec {
  const seedToken = seedTokenOf(material, nowMs);
  const timing = { ...provider.timing, ...timingOf(entry.refresh) };
  const { spentField, spendsToken, rotates } = provider;
  return {
    id: entry.id,
    provider: provider.name,
    ...defined({ group: entry.group }),
    config,
    material,
    fingerprints: fingerprintsOf(material),
    timing,
    traits: { spentField, rotates },
    ...(seedToken === undefined
      ? {}
      : {
          seedToken,
          seedLead: leadRule({ timing, spendsToken, jitter: Math.random() }),
        }),
  };
}

function providerOf(entry: CredentialEntry, providers: ProviderRegistry): Checked<Provider> {
  const provider = providers.find(entry.provider);
  if (provider !== undefined) return { ok: true, value: provider };
  const names = providers.list().map(({ name }) => name);
  const reason = `unknown provider; ${nameHint(entry.provider, names)}`;
  return { ok: false, problems: [{ path: ['provider'], reason }] };
}

function materialFrom(
  material: CredentialEntry['material'],
  sources: CredentialSources,
): Checked<Material> {
  const problems: FieldProblem[] = [];
  const values: [string, MaterialValue][] = [];
  for (const [field, source] of Object.entries(material)) {
    const value = resolvedValue(source, sources);
    if (value.ok) values.push([field, value.value]);
    else problems.push(...below(field, value.problems));
  }
  return problems.length > 0
    ? { ok: false, problems }
    : { ok: true, value: Object.fromEntries(values) };
}

function resolvedValue(source: MaterialSource, sources: CredentialSources): Checked<MaterialValue> {
  if (typeof source === 'string' || '$workerEnv' in source || '$workerFile' in source) {
    return { ok: true, value: source };
  }
  if ('$env' in source) {
    const value = sources.env[source.$env];
    return value === undefined || value === ''
      ? problem(`environment variable is not set [name=${redactText(source.$env)}]`)
      : { ok: true, value };
  }
  const value = sources.readSecretFile(source.$file);
  return value === undefined
    ? problem(
        `file cannot be read below the folder of secrets, or is a secret of evertoken itself [path=${visibleLine(redactText(source.$file))}]; ` +
          'that folder is the one of the credentials file, or --secrets-dir',
      )
    : { ok: true, value };
}

function problem(reason: string): Checked<never> {
  return { ok: false, problems: [{ path: [], reason }] };
}

function materialProblems(
  provider: ConfiguredProvider,
  material: Material,
): readonly FieldProblem[] {
  const known = keysAt(provider.materialSchema, []);
  const unknown = Object.keys(material).filter((field) => !known.includes(field));
  const rest = Object.fromEntries(
    Object.entries(material).filter(([field]) => known.includes(field)),
  );
  return [
    ...unknown.map((field) => unknownKey([], field, known)),
    ...appliedMaterialProblems(provider, rest).map(({ field, problem: reason }) => ({
      path: field === '' ? [] : [field],
      reason,
    })),
  ];
}

/**
 * The fingerprint of a literal is that of its value. That of a reference is that of its text, since only the worker
 * knows what is behind it.
 */
function fingerprintsOf(material: Material): Fingerprints {
  return Object.fromEntries(
    Object.entries(material).map(([field, value]) => [
      field,
      fingerprintOf(typeof value === 'string' ? value : JSON.stringify(value)),
    ]),
  );
}

function timingOf(refresh: CredentialEntry['refresh']): RefreshTiming {
  return defined({
    leadMs: refresh.lead,
    minimumAgeMs: refresh.minimumAge,
    defaultLifetimeMs: refresh.defaultLifetime,
    maxLifetimeMs: refresh.maxLifetime,
  });
}

function below(parent: string, problems: readonly FieldProblem[]): readonly FieldProblem[] {
  return problems.map(({ path, reason }) => ({ path: [parent, ...path], reason }));
}
