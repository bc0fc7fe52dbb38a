import { Option } from 'commander';
import type { CredentialSpec } from '../contract/credential.js';
import { defined } from '../contract/defined.js';
import { loadCredentials } from '../credentials/load-credentials.js';
import { readDevKey } from '../dev-server/dev-key.js';
import { builtInProviders } from '../providers/index.js';
import { createProviderRegistry } from '../providers/registry.js';

/** Reads a credentials file with the providers that come with evertoken: all of it, or one credential and its secrets alone. */
export function readSpecs(
  file: string,
  secretsDir?: string,
  only?: string,
): readonly CredentialSpec[] {
  return loadCredentials(file, {
    providers: createProviderRegistry(builtInProviders),
    env: guarded(process.env),
    ...defined({ secretsDir, only }),
  });
}

/**
 * The key of this directory's dev environment lies below the directory. A file must not name it either, whatever keys this
 * process was given.
 */
function guarded(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const rings = [env['EVERTOKEN_ENCRYPTION_KEYS'], readDevKey()].filter(Boolean);
  return { ...env, EVERTOKEN_ENCRYPTION_KEYS: rings.join(',') };
}

export function secretsDirOption(): Option {
  return new Option(
    '--secrets-dir <dir>',
    '$file may read below this folder; default: the folder of the credentials file',
  );
}
