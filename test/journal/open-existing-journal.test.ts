import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openExistingJournal } from '../../src/journal/open-existing-journal.js';
import { openJournal } from '../../src/journal/open-journal.js';
import { newSealer } from '../support/journal-conformance.js';

const sealer = newSealer();
let parent: string;
let directory: string;

beforeEach(async () => {
  parent = await mkdtemp(join(tmpdir(), 'evertoken-existing-'));
  directory = join(parent, 'journal');
});
afterEach(() => rm(parent, { recursive: true, force: true }));

describe('an existing journal', () => {
  it('is opened where a worker made one', async () => {
    const made = await openJournal({ directory }, 'default', sealer);
    await made.close();
    const found = await openExistingJournal({ directory }, 'default', sealer);
    expect(found?.id).toBe(made.id);
    await found?.close();
  });

  it.each([
    ['no folder', []],
    ['an empty folder', ['']],
    ['a database file with nothing in it', ['journal.sqlite']],
    ['a folder of something else, such as a volume’s root', ['lost+found', 'journal.sqlite.bak']],
  ])('is not made of %s', async (_what, names) => {
    if (names.length > 0) await mkdir(directory);
    for (const name of names) if (name !== '') await writeFile(join(directory, name), '');
    expect(await openExistingJournal({ directory }, 'default', sealer)).toBeUndefined();
    const left = await readdir(directory).catch(() => []);
    expect(left.sort()).toEqual(names.filter((name) => name !== '').sort());
  });

  it('is not made beside the log of a database that is missing', async () => {
    await mkdir(directory);
    await writeFile(join(directory, 'journal.sqlite-wal'), 'log');
    await expect(openExistingJournal({ directory }, 'default', sealer)).rejects.toThrow(
      'journal database is missing beside its journal.sqlite-wal; bring it back',
    );
    expect(await readdir(directory)).toEqual(['journal.sqlite-wal']);
  });
});
