import { dirname, resolve } from 'node:path';
import type { CredentialSpec } from '../contract/credential.js';
import { defined } from '../contract/defined.js';
import type { ProviderRegistry } from '../providers/registry.js';
import { fileText } from '../settings/file-text.js';
import { OwnSecrets } from '../settings/own-secrets.js';
import { secretBelowSync } from '../settings/secret-below.js';
import type { CredentialEntry } from './credential-entry.js';
import { CredentialsFileError } from './credentials-file-error.js';
import { parseEntries } from './parse-entries.js';
import { resolveCredential } from './resolve-credential.js';
import type { CredentialSources } from './resolve-credential.js';
import type { Checked } from './schema-problems.js';
import { sharedMaterial } from './shared-material.js';

/** Where a credentials file may take its secrets from. */
export interface LoadOptions {
  readonly providers: ProviderRegistry;
  readonly env: NodeJS.ProcessEnv;
  /**
   * Folder below which `$file` may read. A secret that `env` configures the process with is refused even there. Default:
   * the folder of the file itself.
   */
  readonly secretsDir?: string;
  /** The only credential that is wanted. What the others name is not read, and need not be there. Default: all. */
  readonly only?: string;
}

/**
 * Reads a credentials file, YAML or JSON; `$file` paths are relative to it. Throws one `CredentialsFileError`
 * that names every problem of every credential.
 */
export function loadCredentials(file: string, options: LoadOptions): readonly CredentialSpec[] {
  const { secretsDir = dirname(file), only, ...reading } = options;
  const own = new OwnSecrets(options.env);
  const sources = {
    ...reading,
    readSecretFile: (path: string) =>
      secretBelowSync(secretsDir, resolve(dirname(file), path), own),
    nowMs: Date.now(),
  };
  return parseCredentials(readFileText(file), file, sources, only);
}

/** Reads the text of a credentials file; `file` only names it in errors. */
export function parseCredentials(
  text: string,
  file: string,
  sources: CredentialSources,
  only?: string,
): readonly CredentialSpec[] {
  const resolved = (entry: CredentialEntry): Checked<CredentialSpec | undefined> =>
    only === undefined || entry.id === only
      ? resolveCredential(entry, sources)
      : { ok: true, value: undefined };
  const specs = parseEntries<CredentialSpec | undefined>(text, file, resolved, sharedMaterial);
  return specs.filter((spec) => spec !== undefined);
}

/** A credential as far as a file names it: nothing of its material. */
export interface NamedCredential {
  readonly id: string;
  readonly provider: string;
  /** The rate limit of its own that it names, if any. */
  readonly group?: string;
  /** How long before expiry its refresh starts, in milliseconds, where the file says so. */
  readonly leadMs?: number;
}

/**
 * Reads which credentials a file names. It reads none of their secrets, so whoever only watches needs none. Throws a
 * `CredentialsFileError`.
 */
export function loadNamedCredentials(file: string): readonly NamedCredential[] {
  return parseEntries(readFileText(file), file, ({ id, provider, group, refresh: { lead } }) => ({
    ok: true,
    value: {
      id,
      provider,
      ...defined({ group, leadMs: lead }),
    },
  }));
}

function readFileText(file: string): string {
  const text = fileText(file);
  if (text === undefined) throw new CredentialsFileError(file, [{ reason: 'cannot be read' }]);
  return text;
}
