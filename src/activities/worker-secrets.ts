import { normalize } from 'node:path';
import type { Material, MaterialValue } from '../contract/credential.js';
import { WORKER_SECRET_VARIABLE } from '../contract/names.js';
import { type SecretRule, secretUse } from '../policy/secret-rules.js';
import type { ResolvedMaterial } from '../providers/port.js';
import { OwnSecrets } from '../settings/own-secrets.js';
import { secretBelow } from '../settings/secret-below.js';
import { withinPrepareDeadline } from './within-prepare-deadline.js';

/** A secret that the worker does not have or may not read. The message names the field, never a value. */
export class WorkerSecretError extends Error {
  override readonly name = 'WorkerSecretError';
}

/** Reads the secrets that credentials leave with the worker: at each refresh, never into Temporal. */
export interface WorkerSecrets {
  /** @throws WorkerSecretError */
  resolve(material: Material, credentialId: string): Promise<WorkerMaterial>;
}

/** Material with its secrets read. */
export interface WorkerMaterial {
  readonly material: ResolvedMaterial;
  /**
   * The hosts of each secret that is tied to hosts. A request with the material may go only where all of the lists allow
   * it.
   */
  readonly onlyTo: readonly (readonly string[])[];
}

/** Where the worker's secrets are. */
export interface WorkerSecretsOptions {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Folder below which `$workerFile` may read, but no secret of the worker itself; without it no file is read. */
  readonly secretsDir?: string;
  /** Who may use which secret; without rules every credential may use each. */
  readonly rules?: readonly SecretRule[];
}

export function createWorkerSecrets(options: WorkerSecretsOptions): WorkerSecrets {
  const own = new OwnSecrets(options.env);
  return {
    resolve: (material, credentialId) => workerMaterial(material, credentialId, options, own),
  };
}

async function workerMaterial(
  material: Material,
  credentialId: string,
  options: WorkerSecretsOptions,
  own: OwnSecrets,
): Promise<WorkerMaterial> {
  const fields = Object.entries(material);
  // First, so that nothing is read that the credential may not use.
  const onlyTo = fields.flatMap(([field, value]) =>
    hostsOf(field, value, credentialId, options.rules),
  );
  const values = await Promise.all(
    fields.map(async ([field, value]) => [field, await read(field, value, options, own)] as const),
  );
  return { material: Object.fromEntries(values), onlyTo };
}

function hostsOf(
  field: string,
  value: MaterialValue,
  credentialId: string,
  rules: readonly SecretRule[] | undefined,
): (readonly string[])[] {
  if (typeof value === 'string') return [];
  const secret = '$workerEnv' in value ? value.$workerEnv : `file:${normalize(value.$workerFile)}`;
  const use = secretUse(rules, secret, credentialId);
  if (!use.mayUse) {
    throw new WorkerSecretError(`secret is not meant for this credential [field=${field}]`);
  }
  return use.hosts === undefined ? [] : [use.hosts];
}

async function read(
  field: string,
  value: MaterialValue,
  options: WorkerSecretsOptions,
  own: OwnSecrets,
): Promise<string> {
  if (typeof value === 'string') return value;
  return '$workerEnv' in value
    ? readVariable(field, value.$workerEnv, options.env)
    : readSecretFile(field, value.$workerFile, options.secretsDir, own);
}

function readVariable(field: string, name: string, env: WorkerSecretsOptions['env']): string {
  const value = WORKER_SECRET_VARIABLE.test(name) ? env[name] : undefined;
  if (value === undefined || value === '') {
    throw new WorkerSecretError(`material field has no variable on the worker [field=${field}]`);
  }
  return value;
}

async function readSecretFile(
  field: string,
  path: string,
  secretsDir: string | undefined,
  own: OwnSecrets,
): Promise<string> {
  const value =
    secretsDir === undefined
      ? undefined
      : // A folder of a network may hang. Nothing can end the read, but the attempt need not wait for it.
        await withinPrepareDeadline(secretBelow(secretsDir, path, own)).catch(() => undefined);
  if (value === undefined) {
    throw new WorkerSecretError(`material field has no file on the worker [field=${field}]`);
  }
  return value;
}
