import { link, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createWorkerSecrets, WorkerSecretError } from '../../src/activities/worker-secrets.js';
import { CredentialsFileError } from '../../src/credentials/credentials-file-error.js';
import { loadCredentials } from '../../src/credentials/load-credentials.js';
import { generateKey } from '../../src/encryption/key-ring.js';
import { builtInProviders } from '../../src/providers/index.js';
import { createProviderRegistry } from '../../src/providers/registry.js';

const [KEY, OLDER_KEY, LOADED_KEY] = [generateKey(), generateKey(), generateKey()];
const RING = `${KEY},${OLDER_KEY}`;
/** As orchestrators mount secrets: one folder with a file for each. */
let folder: string;
let env: NodeJS.ProcessEnv;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'evertoken-own-'));
  const files = {
    'encryption-keys': `${RING}\n`,
    'copied-keys': RING,
    'older-key': OLDER_KEY,
    'key-in-a-note': `key=${KEY.slice(KEY.lastIndexOf(':') + 1)} do not lose`,
    'journal-url': 'postgres://worker:of-the-journal@database/journal',
    'codec-token': 'of-the-codec-server-of-the-codec-server',
    'temporal-key.pem': 'of-the-client-of-temporal',
    'temporal-api-key': 'of-the-namespace',
    'database-key.pem': 'of-the-client-of-the-database',
    '.pgpass': 'database:5432:*:worker:of-the-database',
    'acme-client': 'of-acme\n',
  };
  for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text);
  await symlink('encryption-keys', join(folder, 'linked-keys'));
  await link(join(folder, 'temporal-key.pem'), join(folder, 'hard-linked-key.pem'));
  await mkdir(join(folder, 'deep'));
  await mkdir(join(folder, '..2026_11_27'));
  await writeFile(join(folder, '..2026_11_27', 'volume-key.pem'), 'of-the-client-of-a-volume');
  await symlink('..2026_11_27', join(folder, '..data'));
  await symlink('..data/volume-key.pem', join(folder, 'volume-key.pem'));
  env = {
    EVERTOKEN_ENCRYPTION_KEYS: '',
    EVERTOKEN_ENCRYPTION_KEYS_FILE: join(folder, 'deep', '..', 'encryption-keys'),
    EVERTOKEN_JOURNAL_URL_FILE: join(folder, 'journal-url'),
    EVERTOKEN_JOURNAL_URL: `postgres://database/journal?sslkey=${join(folder, 'database-key.pem')}`,
    EVERTOKEN_CODEC_TOKEN_FILE: join(folder, 'codec-token'),
    EVERTOKEN_SECRETS_DIR: folder,
    TEMPORAL_TLS_CLIENT_KEY_PATH: join(folder, 'temporal-key.pem'),
    TEMPORAL_API_KEY: 'of-the-namespace',
    PGSSLKEY: join(folder, 'volume-key.pem'),
    PGPASSFILE: join(folder, '.pgpass'),
  };
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const OWN = [
  ['encryption-keys', 'the file of the keys'],
  ['linked-keys', 'a link to it'],
  ['hard-linked-key.pem', 'another name of a key’s file'],
  ['copied-keys', 'a copy of it'],
  ['older-key', 'one of several keys'],
  ['key-in-a-note', 'a key among other text'],
  ['journal-url', 'the file of the journal’s address'],
  ['codec-token', 'the file of the codec server’s token'],
  ['temporal-key.pem', 'the key of Temporal’s TLS'],
  ['temporal-api-key', 'a copy of Temporal’s API key'],
  ['database-key.pem', 'the key of the database’s TLS'],
  ['volume-key.pem', 'a key in a volume of Kubernetes'],
  ['..2026_11_27/volume-key.pem', 'that key by another path'],
  ['.pgpass', 'the passwords of the database'],
] as const;

describe('a secret of evertoken’s own process', () => {
  const workerSecret = async (path: string, own = env): Promise<string | undefined> => {
    const secrets = createWorkerSecrets({ env: own, secretsDir: folder });
    const read = await secrets.resolve({ clientSecret: { $workerFile: path } }, 'author/one');
    return read.material['clientSecret'];
  };

  it.each(OWN)('is not sent for a $workerFile: %s, %s', async (path) => {
    await expect(workerSecret(path)).rejects.toBeInstanceOf(WorkerSecretError);
  });

  it('is not sent either where a variable holds the key, and a file below the folder too', async () => {
    await writeFile(join(folder, 'loaded'), `${LOADED_KEY}\n`);
    const own = { EVERTOKEN_ENCRYPTION_KEYS: LOADED_KEY };
    await expect(workerSecret('loaded', own)).rejects.toBeInstanceOf(WorkerSecretError);
  });

  it('hides no secret of credentials beside it', async () => {
    expect(await workerSecret('acme-client')).toBe('of-acme');
  });

  const appliedSecret = async (path: string): Promise<unknown> => {
    const file = join(folder, 'credentials.json');
    const material = { refreshToken: { $file: path } };
    await writeFile(
      file,
      JSON.stringify({ credentials: [{ id: 'author/two', provider: 'abitmedia', material }] }),
    );
    const providers = createProviderRegistry(builtInProviders);
    return loadCredentials(file, { providers, env })[0]?.material['refreshToken'];
  };

  it.each(OWN)('is not sealed as material by a $file: %s, %s', async (path) => {
    const error: unknown = await appliedSecret(path).catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(CredentialsFileError);
    expect(String(error)).toContain('a secret of evertoken itself');
    expect(await appliedSecret('acme-client')).toBe('of-acme');
  });
});
