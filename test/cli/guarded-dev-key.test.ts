import { mkdirSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { readSpecs } from '../../src/cli/credentials-file.js';
import { CredentialsFileError } from '../../src/credentials/credentials-file-error.js';
import { DEV_FILES } from '../../src/dev-server/dev-files.js';
import { devKey } from '../../src/dev-server/dev-key.js';
import { generateKey } from '../../src/encryption/key-ring.js';

const FILE = 'credentials.yaml';
const before = process.cwd();
let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'evertoken-dev-key-'));
  process.chdir(folder);
  mkdirSync(DEV_FILES.directory);
  devKey();
  writeFileSync(
    FILE,
    `credentials: [{ id: a, provider: abitmedia, material: { refreshToken: { $file: ${DEV_FILES.key} } } }]`,
  );
});
afterEach(async () => {
  vi.unstubAllEnvs();
  process.chdir(before);
  await rm(folder, { recursive: true });
});

it.each([
  ['no keys are set', undefined],
  ['the variable of keys is empty', ''],
  ['other keys are set', generateKey()],
])('a credentials file may not name the key of the dev environment where %s', (_when, keys) => {
  vi.stubEnv('EVERTOKEN_ENCRYPTION_KEYS', keys);
  expect(() => readSpecs(FILE)).toThrow(CredentialsFileError);
  expect(() => readSpecs(FILE)).toThrow('a secret of evertoken itself');
});

it('a credentials file may name another secret beside the key of the dev environment', () => {
  vi.stubEnv('EVERTOKEN_ENCRYPTION_KEYS', '');
  writeFileSync(DEV_FILES.key.replace('key', 'token'), 'refresh-1');
  writeFileSync(
    FILE,
    `credentials: [{ id: a, provider: abitmedia, material: { refreshToken: { $file: .evertoken/token } } }]`,
  );
  expect(readSpecs(FILE)[0]?.material['refreshToken']).toBe('refresh-1');
});
