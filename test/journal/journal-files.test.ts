import { randomBytes } from 'node:crypto';
import {
  copyFile,
  mkdtemp,
  readFile,
  rename,
  rm,
  symlink,
  truncate,
  unlink,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from '@photostructure/sqlite';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { KeyRing } from '../../src/encryption/key-ring.js';
import { createSealer } from '../../src/encryption/sealer.js';
import type { RefreshJournal } from '../../src/journal/port.js';
import { openSqliteJournal } from '../../src/journal/sqlite-journal.js';
import { entryOf, errorOf, put } from '../support/journal-conformance.js';
import { OpenedJournals } from '../support/opened-journals.js';
import { shared } from '../support/shared-resources.js';
import { JournalProcess, type JournalWork } from './journal-process.js';

const FILE = 'journal.sqlite';
const MANY = 40;
const REFUSED = 3;

const keys = `files:${randomBytes(32).toString('base64')}`;
const sealer = createSealer({ keyRing: KeyRing.parse(keys), allowPlaintext: false });
let parent: string;
let count = 0;
const opened = new OpenedJournals();

beforeAll(async () => {
  parent = await mkdtemp(join(tmpdir(), 'evertoken-files-'));
  await shared('commandPath');
});
afterEach(() => opened.close());
afterAll(() => rm(parent, { recursive: true, force: true }));

function nextPath(): string {
  count += 1;
  return join(parent, `place-${count}`);
}

function open(folder: string): Promise<RefreshJournal> {
  return opened.add(openSqliteJournal(folder, 'default', sealer));
}

/** A journal with so many entries that it has pages of its own for them. */
async function filled(folder: string): Promise<RefreshJournal> {
  const journal = await open(folder);
  const ids = Array.from({ length: MANY }, (_, index) => `acme/${index}`);
  await Promise.all(ids.map((id) => put(journal, id, entryOf(1))));
  return journal;
}

/** A copy of a journal that is complete. */
async function backupOf(folder: string): Promise<string> {
  const backup = nextPath();
  const source = new DatabaseSync(join(folder, FILE));
  source.exec(`VACUUM INTO '${backup}'`);
  source.close();
  return backup;
}

async function expectRefusal(journal: RefreshJournal): Promise<void> {
  for (const use of [
    () => put(journal, 'acme/1', entryOf(2)),
    () => journal.read('acme/1'),
    () => journal.remove('acme/1'),
    () => journal.sealedEntries(),
    () => journal.check(),
  ]) {
    expect(String(await errorOf(use()))).toMatch(
      /^JournalError: journal database was moved, removed or replaced; /,
    );
  }
}

function workIn(folder: string, updates: number): JournalWork {
  return { folder, keys, credentialId: 'shared/one', updates };
}

/** The generation that a process which has just started finds. */
async function foundBy(folder: string): Promise<number | undefined> {
  const next = await JournalProcess.start(workIn(folder, 1));
  expect(await next.done()).toBe(0);
  const [generation] = next.generations;
  return generation === undefined ? undefined : generation - 1;
}

describe('a journal in SQLite beneath a running worker', () => {
  it.each(['-wal', '-shm'])(
    'is not used any more once its file %s was removed: what is written would be in no file that others find',
    async (suffix) => {
      const folder = nextPath();
      const journal = await filled(folder);
      await unlink(join(folder, FILE + suffix));
      await expectRefusal(journal);
    },
  );

  it('is not used any more once another journal was copied over its database in place', async () => {
    const other = nextPath();
    await filled(other);
    const backup = await backupOf(other);
    const folder = nextPath();
    const journal = await filled(folder);
    await copyFile(backup, join(folder, FILE));
    await expectRefusal(journal);
  });

  it('is not used any more once an older backup of its own was copied over its database in place', async () => {
    const folder = nextPath();
    const journal = await filled(folder);
    const backup = await backupOf(folder);
    await put(journal, 'acme/1', entryOf(2));
    await copyFile(backup, join(folder, FILE));
    await expectRefusal(journal);
  });

  it('is not used any more once its database was emptied in place', async () => {
    const folder = nextPath();
    const journal = await filled(folder);
    await truncate(join(folder, FILE), 0);
    await expectRefusal(journal);
  });

  it('is closed without an error where its database cannot be looked at, and loses nothing', async () => {
    const folder = nextPath();
    const database = join(folder, FILE);
    const journal = await openSqliteJournal(folder, 'default', sealer);
    await put(journal, 'acme/1', entryOf(7));
    await rename(database, `${database}.away`);
    // It leads to itself, so the system refuses to look at it.
    await symlink(FILE, database);
    expect(String(await errorOf(journal.check()))).toContain('[cause=ELOOP]');
    await journal.close();
    await rename(`${database}.away`, database);
    expect(await (await open(folder)).read('acme/1')).toEqual(entryOf(7));
  });

  it('is used on after other connections came, wrote, moved the log into the database and went', async () => {
    const folder = nextPath();
    const journal = await filled(folder);
    for (let generation = 2; generation < 8; generation += 1) {
      const other = new DatabaseSync(join(folder, FILE));
      other.exec('CREATE TABLE IF NOT EXISTS other (a); INSERT INTO other VALUES (1)');
      other.exec(`PRAGMA wal_checkpoint(${generation % 2 === 0 ? 'PASSIVE' : 'TRUNCATE'})`);
      other.close();
      await journal.check();
      await put(journal, 'acme/1', entryOf(generation));
      await journal.remove('acme/2');
      expect(await journal.read('acme/1')).toEqual(entryOf(generation));
    }
  });
});

// Each process is a start of Node, on a machine that may be loaded.
describe('processes that share a journal in SQLite', { timeout: 120_000 }, () => {
  it('are never refused it while they write so much that they move the log again and again', async () => {
    const folder = nextPath();
    const journal = await open(folder);
    const others = await Promise.all(
      ['one', 'two'].map((name) =>
        JournalProcess.start({ ...workIn(folder, 800), credentialId: `busy/${name}` }),
      ),
    );
    let running = others.length;
    const exits = Promise.all(others.map((each) => each.done().finally(() => (running -= 1))));
    while (running > 0) {
      await journal.check();
      await put(journal, 'busy/three', entryOf(1));
      await journal.remove('busy/three');
    }
    expect(await exits).toEqual([0, 0]);
  });

  it('leave a backup as it is that was copied over the database beneath them', async () => {
    const folder = nextPath();
    expect(await (await JournalProcess.start(workIn(folder, 7))).done()).toBe(0);
    const backup = nextPath();
    await copyFile(join(folder, FILE), backup);
    // Unhurried: SQLite itself moves the log into the database after some hundred updates, also while it is copied over.
    const running = await JournalProcess.start({ ...workIn(folder, 100_000), pauseMs: 20 });
    await running.untilUpdates(30);
    await copyFile(backup, join(folder, FILE));
    for (const side of ['-wal', '-shm']) await rm(join(folder, FILE + side), { force: true });
    expect(await running.done()).toBe(REFUSED);
    expect((await readFile(join(folder, FILE))).equals(await readFile(backup))).toBe(true);
    expect(await foundBy(folder)).toBe(7);
  });

  it('bring all that they were told is durable into the database whose log was removed beneath them', async () => {
    const folder = nextPath();
    const running = await JournalProcess.start(workIn(folder, 100_000));
    await running.untilUpdates(30);
    for (const side of ['-wal', '-shm']) await rm(join(folder, FILE + side), { force: true });
    expect(await running.done()).toBe(REFUSED);
    expect(await foundBy(folder)).toBe(running.generations.at(-1));
  });

  it('take nothing from one that has made a new log since', async () => {
    const folder = nextPath();
    const first = await JournalProcess.start(workIn(folder, 100_000));
    await first.untilUpdates(10);
    for (const side of ['-wal', '-shm']) await rm(join(folder, FILE + side), { force: true });
    const second = await JournalProcess.start({ ...workIn(folder, 50), credentialId: 'acme/two' });
    expect(await first.done()).toBe(REFUSED);
    expect(await second.done()).toBe(0);
    const later = await JournalProcess.start({ ...workIn(folder, 1), credentialId: 'acme/two' });
    expect(await later.done()).toBe(0);
    expect(later.generations).toEqual([51]);
  });
});
