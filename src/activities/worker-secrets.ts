import { readFile, realpath, stat } from 'node:fs/promises';
import { isAbsolute, normalize, relative, resolve } from 'node:path';
import type { Material, MaterialValue } from '../contract/credential.js';
import { WORKER_SECRET_VARIABLE } from '../contract/names.js';
import { SECRET_MAX_CHARS } from '../policy/attempt-numbers.js';
import { type SecretRule, secretUse } from '../policy/secret-rules.js';
import type { ResolvedMaterial } from '../providers/port.js';
import { OwnSecrets } from '../settings/own-secrets.js';

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
    resolve: async (material, credentialId) => {
      const onlyTo = Object.entries(material).flatMap(([field, value]) =>
        hostsOf(field, value, credentialId, options.rules),
      );
      const fields = Object.entries(material).map(
        async ([field, value]) => [field, await read(field, value, options, own)] as const,
      );
      return { material: Object.fromEntries(await Promise.all(fields)), onlyTo };
    },
  };
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

function read(
  field: string,
  value: MaterialValue,
  options: WorkerSecretsOptions,
  own: OwnSecrets,
): Promise<string> | string {
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
  const refused = new WorkerSecretError(
    `material field has no file on the worker [field=${field}]`,
  );
  if (secretsDir === undefined) throw refused;
  try {
    // Real paths on both sides, so that neither `..` nor a link leads out of the folder.
    const root = await realpath(secretsDir);
    const realPath = await realpath(resolve(root, path));
    const inside = relative(root, realPath);
    if (inside === '' || inside.startsWith('..') || isAbsolute(inside)) throw refused;
    const stats = await stat(realPath, { bigint: true });
    if (!stats.isFile() || stats.size > SECRET_MAX_CHARS) throw refused;
    const text = await readFile(realPath, 'utf8');
    if (own.include({ realPath, stats, text })) throw refused;
    return text.replace(/\r?\n$/, '');
  } catch {
    throw refused;
  }
}
