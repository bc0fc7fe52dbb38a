import { readFileSync, realpathSync, statSync } from 'node:fs';
import { dirname, isAbsolute, relative, resolve } from 'node:path';
import type { CredentialSpec } from '../contract/credential.js';
import { defined } from '../contract/defined.js';
import { SECRET_MAX_CHARS } from '../policy/attempt-numbers.js';
import type { ProviderRegistry } from '../providers/registry.js';
import { fileText } from '../settings/file-text.js';
import { OwnSecrets } from '../settings/own-secrets.js';
import { CredentialsFileError } from './credentials-file-error.js';
import { parseEntries } from './parse-entries.js';
import { resolveCredential } from './resolve-credential.js';
import type { CredentialSources } from './resolve-credential.js';
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
}

/**
 * Reads a credentials file, YAML or JSON; `$file` paths are relative to it. Throws one `CredentialsFileError`
 * that names every problem of every credential.
 */
export function loadCredentials(file: string, options: LoadOptions): readonly CredentialSpec[] {
  const { secretsDir = dirname(file), ...sources } = options;
  const own = new OwnSecrets(options.env);
  return parseCredentials(readFileText(file), file, {
    ...sources,
    readSecretFile: (path) => readBelow(secretsDir, resolve(dirname(file), path), own),
    nowMs: Date.now(),
  });
}

/** Reads the text of a credentials file; `file` only names it in errors. */
export function parseCredentials(
  text: string,
  file: string,
  sources: CredentialSources,
): readonly CredentialSpec[] {
  return parseEntries(text, file, (entry) => resolveCredential(entry, sources), sharedMaterial);
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

/** Real paths on both sides, so that neither `..` nor a link leads out of the folder. */
function readBelow(folder: string, path: string, own: OwnSecrets): string | undefined {
  try {
    const realPath = realpathSync(path);
    const inside = relative(realpathSync(folder), realPath);
    if (inside === '' || inside.startsWith('..') || isAbsolute(inside)) return undefined;
    const stats = statSync(realPath, { bigint: true });
    if (!stats.isFile() || stats.size > SECRET_MAX_CHARS) return undefined;
    const text = readFileSync(realPath, 'utf8');
    return own.include({ realPath, stats, text }) ? undefined : text;
  } catch {
    return undefined;
  }
}
