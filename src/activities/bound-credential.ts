import type { JournalEntry } from '../contract/journal-entry.js';
import type { RefreshRequest, RefreshResult } from '../contract/refresh-activity.js';
import { sortedJson } from '../contract/sorted-json.js';
import { successorIn } from '../policy/successor.js';
import { fingerprintOf } from '../providers/fingerprint.js';
import { MaterialError } from '../providers/material-error.js';
import { ProviderConfigError } from '../providers/provider-config-error.js';
import type {
  ConfiguredProvider,
  Provider,
  ProviderFacts,
  ResolvedMaterial,
} from '../providers/port.js';
import { type Misconfiguration, misconfiguration } from './misconfiguration.js';
import type { RefreshDeps } from './ports.js';
import { type WorkerMaterial, WorkerSecretError } from './worker-secrets.js';

/** A credential bound to its provider and to this worker: all that a request needs. */
export interface BoundCredential {
  readonly provider: ConfiguredProvider;
  readonly material: ResolvedMaterial;
  /** Lists of hosts, all of which must allow the request's. */
  readonly onlyTo: readonly (readonly string[])[];
  /** SHA-256 in hex of the material field that is spent. */
  readonly fingerprint: string;
  /** The same of what the keeper holds. It differs only where the journal knows a successor. */
  readonly heldFingerprint: string;
  /** The client that asks; absent where the provider knows no clients. */
  readonly client?: Client;
  /** SHA-256 in hex of all that decides what the request asks, and where, but does not change with a refresh. */
  readonly settings: string;
}

/** A client and what it authenticates with, by SHA-256 in hex of both. */
export interface Client {
  readonly name: string;
  readonly secret: string;
}

type CredentialParts = Pick<RefreshRequest, 'credentialId' | 'provider' | 'config' | 'material'>;

/** Finds the provider, reads the configuration, and puts the worker's secrets into the material. */
export async function bindCredential(
  deps: Pick<RefreshDeps, 'providers' | 'secrets'>,
  request: CredentialParts,
): Promise<BoundCredential | Misconfiguration> {
  const known = deps.providers.find(request.provider);
  if (known === undefined) return { misconfigured: 'unknown_provider' };
  const provider = configured(known, request);
  if ('misconfigured' in provider) return provider;
  const resolved = await withWorkerSecrets(deps, request);
  if ('misconfigured' in resolved) return resolved;
  const { material, onlyTo } = resolved;
  const spent = material[provider.spentField];
  const { error } = provider.materialSchema.safeParse(material);
  if (spent === undefined || error !== undefined) {
    const [issue] = error?.issues ?? [];
    // What is not known stands in no path.
    const field = issue !== undefined && 'keys' in issue ? issue.keys[0] : issue?.path.join('.');
    const problem = 'is missing, is not known, or has no such value';
    return misconfiguration(
      'unusable_material',
      new MaterialError(field ?? provider.spentField, problem),
    );
  }
  return {
    provider,
    material,
    onlyTo,
    fingerprint: fingerprintOf(spent),
    heldFingerprint: fingerprintOf(spent),
    ...clientOf(provider, material),
    settings: settingsOf(request, provider),
  };
}

function configured(
  provider: Provider,
  { config }: CredentialParts,
): ConfiguredProvider | Misconfiguration {
  try {
    return provider.configure(config);
  } catch (error) {
    if (error instanceof ProviderConfigError) return misconfiguration('unusable_config', error);
    throw error;
  }
}

function clientOf(
  provider: ConfiguredProvider,
  material: ResolvedMaterial,
): Pick<BoundCredential, 'client'> {
  const client = provider.client(material);
  if (client === undefined) return {};
  const name = fingerprintOf(sortedJson([provider.name, ...client.name]));
  return { client: { name, secret: fingerprintOf(sortedJson([...client.secret])) } };
}

/**
 * The credential with the successor of its material, if an answer without a token brought one that only the journal
 * knows.
 */
export function withSuccessor(
  bound: BoundCredential,
  entry: JournalEntry | undefined,
  lineage: string,
): BoundCredential {
  const successor = successorIn(entry, lineage);
  if (successor?.of !== bound.heldFingerprint) return bound;
  const material = { ...bound.material, ...successor.replacedMaterial };
  const spent = material[bound.provider.spentField];
  return spent === undefined ? bound : { ...bound, material, fingerprint: fingerprintOf(spent) };
}

function settingsOf(request: CredentialParts, { material }: ProviderFacts): string {
  const lasting = Object.entries(request.material).filter(([field]) => {
    const facts = material[field];
    return facts === undefined || !(facts.isSpent || facts.isReplaced);
  });
  const { provider, config } = request;
  return fingerprintOf(sortedJson({ provider, config, material: Object.fromEntries(lasting) }));
}

async function withWorkerSecrets(
  deps: Pick<RefreshDeps, 'secrets'>,
  request: Pick<CredentialParts, 'credentialId' | 'material'>,
): Promise<WorkerMaterial | Misconfiguration> {
  try {
    return await deps.secrets.resolve(request.material, request.credentialId);
  } catch (error) {
    if (error instanceof WorkerSecretError) return misconfiguration('missing_secret', error);
    throw error;
  }
}

/** SHA-256 of the material field that an answer left to be spent next; `undefined` where it left none. */
export function leftBy({
  provider: { spentField },
}: BoundCredential): (answer: RefreshResult) => string | undefined {
  return ({ replacedMaterial }) => {
    const left = replacedMaterial[spentField];
    return left === undefined ? undefined : fingerprintOf(left);
  };
}
