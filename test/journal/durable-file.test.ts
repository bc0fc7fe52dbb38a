import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { replaceFile } from '../../src/journal/durable-file.js';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'evertoken-durable-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

describe('replacing a file', () => {
  it('leaves the new content, for its owner alone, and nothing else', async () => {
    const path = join(folder, 'entry');
    await replaceFile(path, Buffer.from('old'));
    await replaceFile(path, Buffer.from('new'));
    expect(await readFile(path, 'utf8')).toBe('new');
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    expect(await readdir(folder)).toEqual(['entry']);
  });

  it('leaves no half of a file behind where it fails', async () => {
    const path = join(folder, 'a-folder');
    await replaceFile(join(folder, 'kept'), Buffer.from('kept'));
    await expect(replaceFile(join(path, 'missing'), Buffer.from('x'))).rejects.toThrow('ENOENT');
    await rm(join(folder, 'entry'), { force: true });
    expect(await readdir(folder)).toEqual(['kept']);
  });

  it('takes no part in signals: a worker that is told to stop must finish its write', async () => {
    const signals = ['SIGTERM', 'SIGINT', 'SIGHUP'] as const;
    const counts = (): number[] => signals.map((signal) => process.listenerCount(signal));
    const before = counts();
    const writes = Array.from({ length: 20 }, () =>
      replaceFile(join(folder, 'busy'), Buffer.alloc(100_000)),
    );
    const during: number[][] = [];
    const sampling = setInterval(() => during.push(counts()), 0);
    await Promise.all([...writes, writeFile(join(folder, 'other'), '')]);
    clearInterval(sampling);
    during.push(counts());
    expect(new Set(during.map((sample) => sample.join()))).toEqual(new Set([before.join()]));
  });
});
