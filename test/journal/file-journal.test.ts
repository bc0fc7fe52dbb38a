import { mkdtemp, readdir, readFile, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openFileJournal } from '../../src/journal/file-journal.js';
import { JournalError } from '../../src/journal/port.js';
import { entryOf, errorOf, journalConformance, newSealer, put } from './conformance.js';

let folder: string;
beforeAll(async () => {
  folder = join(await mkdtemp(join(tmpdir(), 'evertoken-journal-')), 'journal');
});
afterAll(() => rm(join(folder, '..'), { recursive: true, force: true }));

const SUFFIX = '.sealed';

journalConformance('files', {
  open: (sealer) => openFileJournal(folder, sealer),
  atRest: async () => {
    const entries = (await readdir(folder)).map(
      async (name) => [name.replace(SUFFIX, ''), await readFile(join(folder, name))] as const,
    );
    return new Map(await Promise.all(entries));
  },
  overwrite: (name, sealed) => writeFile(join(folder, `${name}${SUFFIX}`), sealed),
});

describe('the files of a journal', () => {
  const sealer = newSealer();

  it('are closed to other users of the host', async () => {
    const journal = await openFileJournal(folder, sealer);
    await put(journal, 'acme/private', entryOf(1));
    for (const name of await readdir(folder)) {
      expect((await stat(join(folder, name))).mode & 0o777).toBe(0o600);
    }
    expect((await stat(folder)).mode & 0o777).toBe(0o700);
  });

  it('that a killed worker left half-written are removed once they are old, and nothing else is', async () => {
    const entryName = 'a'.repeat(64);
    const old = join(folder, `${entryName}.sealed.123`);
    const young = join(folder, `${entryName}.sealed.456`);
    const foreign = join(folder, 'important.db');
    await writeFile(foreign, '');
    await utimes(foreign, new Date(0), new Date(0));
    await writeFile(old, '');
    await writeFile(young, '');
    await utimes(old, new Date(0), new Date(0));
    await openFileJournal(folder, sealer);
    const names = await readdir(folder);
    expect(names).not.toContain(`${entryName}.sealed.123`);
    expect(names).toContain(`${entryName}.sealed.456`);
    expect(names).toContain('important.db');
    await Promise.all([rm(young), rm(foreign)]);
  });

  it('cannot be in a folder that is a file, and the error does not name it', async () => {
    const path = join(folder, '..', 'a-file');
    await writeFile(path, '');
    const error = await errorOf(openFileJournal(path, sealer));
    expect(error).toBeInstanceOf(JournalError);
    expect(String(error)).toContain('[cause=EEXIST]');
    expect(String(error)).not.toContain(path);
  });
});
