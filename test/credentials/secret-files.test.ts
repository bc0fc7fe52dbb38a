import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CredentialsFileError } from '../../src/credentials/credentials-file-error.js';
import { loadCredentials } from '../../src/credentials/load-credentials.js';
import { builtInProviders } from '../../src/providers/index.js';
import { createProviderRegistry } from '../../src/providers/registry.js';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'evertoken-files-'));
  await mkdir(join(folder, 'own', 'deep'), { recursive: true });
  await writeFile(join(folder, 'outside.txt'), 'not-yours');
  await writeFile(join(folder, 'own', 'inside.txt'), 'refresh-1\n');
  await writeFile(join(folder, 'own', 'deep', 'inside.txt'), 'refresh-2');
  await writeFile(join(folder, 'own', 'of-an-editor.txt'), 'refresh-3\r\n');
  await writeFile(join(folder, 'own', 'large.txt'), 'x'.repeat(65_537));
  await symlink('../outside.txt', join(folder, 'own', 'link.txt'));
  await mkdir(join(folder, 'own', '..2026_11_27'));
  await writeFile(join(folder, 'own', '..2026_11_27', 'of-a-volume.txt'), 'refresh-4\n');
  await symlink('..2026_11_27', join(folder, 'own', '..data'));
  await symlink('..data/of-a-volume.txt', join(folder, 'own', 'of-a-volume.txt'));
  await symlink('../..', join(folder, 'own', '..2026_11_27', 'up'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function load(path: string, secretsDir?: string): Promise<unknown> {
  const file = join(folder, 'own', 'credentials.json');
  const credential = {
    id: 'a',
    provider: 'abitmedia',
    material: { refreshToken: { $file: path } },
  };
  await writeFile(file, JSON.stringify({ credentials: [credential] }));
  const options = { providers: createProviderRegistry(builtInProviders), env: {} };
  const [spec] = loadCredentials(file, {
    ...options,
    ...(secretsDir === undefined ? {} : { secretsDir }),
  });
  return spec?.material['refreshToken'];
}

describe('a file that a credentials file names', () => {
  it('is read below the folder of the credentials file', async () => {
    expect(await load('inside.txt')).toBe('refresh-1');
    expect(await load('deep/inside.txt')).toBe('refresh-2');
    expect(await load(join(folder, 'own', 'inside.txt'))).toBe('refresh-1');
  });

  it('gives its value without the end of its last line', async () => {
    expect(await load('of-an-editor.txt')).toBe('refresh-3');
  });

  it('is read from a volume of Kubernetes, whose files are links into a folder that two dots begin', async () => {
    expect(await load('of-a-volume.txt')).toBe('refresh-4');
  });

  it.each([
    '../outside.txt',
    'link.txt',
    '..data/up/outside.txt',
    '..',
    '/etc/passwd',
    '.',
    'large.txt',
    'none.txt',
  ])('is not read where %s leads, and nothing of it is said', async (path) => {
    const error: unknown = await load(path).catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(CredentialsFileError);
    expect(String(error)).toContain('below the folder of secrets');
    expect(String(error)).not.toContain('not-yours');
  });

  it('is read below another folder where whoever applies says so, and only there', async () => {
    expect(await load('../outside.txt', folder)).toBe('not-yours');
    await expect(load('inside.txt', join(folder, 'own', 'deep'))).rejects.toBeInstanceOf(
      CredentialsFileError,
    );
  });
});
