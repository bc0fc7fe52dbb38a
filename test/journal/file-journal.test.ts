import { createHash, randomBytes } from 'node:crypto';
import { chmod, mkdtemp, readdir, readFile, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { KeyRing } from '../../src/encryption/key-ring.js';
import { createSealer } from '../../src/encryption/sealer.js';
import { openFileJournal } from '../../src/journal/file-journal.js';
import { JournalError, type Sealer } from '../../src/journal/port.js';
import { journalConformance } from './conformance.js';

function sealerWith(keyId: string): Sealer {
  const keyRing = KeyRing.parse(`${keyId}:${randomBytes(32).toString('base64')}`);
  return createSealer({ keyRing, allowPlaintext: false });
}

const sealer = sealerWith('test');
let folder: string;
beforeAll(async () => {
  folder = join(await mkdtemp(join(tmpdir(), 'evertoken-journal-')), 'journal');
});
afterAll(() => rm(join(folder, '..'), { recursive: true, force: true }));

journalConformance('files', () => openFileJournal(folder, sealer));

describe('the files of a journal', () => {
  const marker = 'CANARY-refresh-token';
  const entry = { keeperId: marker, epoch: 1 };

  it('reveal nothing: neither by name, nor by content, nor to other users of the host', async () => {
    const journal = await openFileJournal(folder, sealer);
    await journal.write('acme/secretive', entry);
    const names = await readdir(folder);
    for (const name of names) {
      expect(name).toMatch(/^[0-9a-f]{64}\.sealed$/);
      const content = await readFile(join(folder, name));
      expect(content.includes(marker)).toBe(false);
      expect((await stat(join(folder, name))).mode & 0o777).toBe(0o600);
    }
    expect((await stat(folder)).mode & 0o777).toBe(0o700);
  });

  it('are one for each credential, however often it is refreshed', async () => {
    const journal = await openFileJournal(folder, sealer);
    const before = (await readdir(folder)).length;
    for (let count = 0; count < 5; count += 1) await journal.write('acme/often', entry);
    expect((await readdir(folder)).length).toBe(before + 1);
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

  it('do not open under another credential’s name', async () => {
    const journal = await openFileJournal(folder, sealer);
    await journal.write('acme/from', entry);
    await journal.write('acme/to', entry);
    const [from, to] = [pathOf('acme/from'), pathOf('acme/to')];
    await writeFile(to, await readFile(from));
    await expect(journal.read('acme/to')).rejects.toBeInstanceOf(JournalError);
  });

  it('do not open with another key, and the error names no path and no content', async () => {
    await (await openFileJournal(folder, sealer)).write('acme/keyed', entry);
    const other = await openFileJournal(folder, sealerWith('other'));
    const error: unknown = await other.read('acme/keyed').catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(JournalError);
    expect(String(error)).not.toContain(folder);
    expect(String(error)).not.toContain(marker);
  });

  it('that are damaged are an error and never an empty journal', async () => {
    const journal = await openFileJournal(folder, sealer);
    await journal.write('acme/damaged', entry);
    await writeFile(pathOf('acme/damaged'), 'rubbish');
    await expect(journal.read('acme/damaged')).rejects.toBeInstanceOf(JournalError);
  });

  it('cannot be opened in a folder that is a file', async () => {
    const path = join(folder, '..', 'a-file');
    await writeFile(path, '');
    await chmod(path, 0o600);
    await expect(openFileJournal(path, sealer)).rejects.toBeInstanceOf(JournalError);
  });

  function pathOf(credentialId: string): string {
    return join(folder, `${createHash('sha256').update(credentialId).digest('hex')}.sealed`);
  }
});
