import { randomUUID } from 'node:crypto';
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
  open: (sealer, namespace = 'default') => openFileJournal(folder, namespace, sealer),
  atRest: async () => {
    const names = (await readdir(folder)).filter((name) => name.endsWith(SUFFIX));
    const entries = names.map(
      async (name) => [name.replace(SUFFIX, ''), await readFile(join(folder, name))] as const,
    );
    return new Map(await Promise.all(entries));
  },
  overwrite: (name, sealed) => writeFile(join(folder, `${name}${SUFFIX}`), sealed),
});

describe('the files of a journal', () => {
  const sealer = newSealer();

  it('are closed to other users of the host', async () => {
    const journal = await openFileJournal(folder, 'default', sealer);
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
    await openFileJournal(folder, 'default', sealer);
    const names = await readdir(folder);
    expect(names).not.toContain(`${entryName}.sealed.123`);
    expect(names).toContain(`${entryName}.sealed.456`);
    expect(names).toContain('important.db');
    await Promise.all([rm(young), rm(foreign)]);
  });

  it('is not the same journal once its id is another: it stops being usable instead of forgetting', async () => {
    const other = join(folder, '..', 'replaced');
    const journal = await openFileJournal(other, 'default', sealer);
    await writeFile(join(other, 'journal-id'), `${randomUUID()}\n`);
    expect(await errorOf(journal.check())).toBeInstanceOf(JournalError);
    await writeFile(join(other, 'journal-id'), 'rubbish');
    const error = await errorOf(openFileJournal(other, 'default', sealer));
    expect(String(error)).toContain('journal-id of the folder is damaged');
  });

  it('cannot be in a folder that is a file, and the error does not name it', async () => {
    const path = join(folder, '..', 'a-file');
    await writeFile(path, '');
    const error = await errorOf(openFileJournal(path, 'default', sealer));
    expect(error).toBeInstanceOf(JournalError);
    expect(String(error)).toContain('[cause=EEXIST]');
    expect(String(error)).not.toContain(path);
  });
});
