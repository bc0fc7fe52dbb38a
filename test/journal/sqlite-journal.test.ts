import { randomBytes } from 'node:crypto';
import {
  copyFile,
  mkdtemp,
  readdir,
  readFile,
  rename,
  rm,
  stat,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync, type DatabaseSyncInstance } from '@photostructure/sqlite';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { KeyRing } from '../../src/encryption/key-ring.js';
import { createSealer } from '../../src/encryption/sealer.js';
import { networkFileSystem } from '../../src/journal/journal-folder.js';
import { JournalError, type RefreshJournal, UnopenedEntryError } from '../../src/journal/port.js';
import { entryName } from '../../src/journal/sealed-entry.js';
import { openSqliteJournal } from '../../src/journal/sqlite-journal.js';
import { JOURNAL_DEADLINE_MS } from '../../src/journal/numbers.js';
import { IN_DOUBT_GRACE_MS } from '../../src/policy/attempt-numbers.js';
import {
  entryOf,
  errorOf,
  journalConformance,
  MARKER,
  newSealer,
  put,
} from '../support/journal-conformance.js';
import { OpenedJournals } from '../support/opened-journals.js';
import { shared } from '../support/shared-resources.js';
import { SmallDisk } from '../support/small-disk.js';
import { JournalProcess } from './journal-process.js';
import { commitsIn } from './write-ahead-log.js';

const FILE = 'journal.sqlite';
const PAGE_BYTES = 4_096;
const DAMAGED =
  /^journal database cannot be opened: the database is damaged, see .*disaster recovery \[cause=SQLITE_CORRUPT\]$/;

const sealer = newSealer();
let parent: string;
let folder: string;
let count = 0;
const opened = new OpenedJournals();

beforeAll(async () => {
  parent = await mkdtemp(join(tmpdir(), 'evertoken-journal-'));
  folder = nextFolder();
});
afterEach(() => opened.close());
afterAll(() => rm(parent, { recursive: true, force: true }));

function nextFolder(): string {
  count += 1;
  return join(parent, `journal-${count}`);
}

function open(of: string): Promise<RefreshJournal> {
  return opened.add(openSqliteJournal(of, 'default', sealer));
}

/** Looks into a database, or changes it, behind the journal's back. */
function withDatabase<Result>(
  of: string,
  work: (database: DatabaseSyncInstance) => Result,
): Result {
  const database = new DatabaseSync(join(of, FILE), { timeout: 5_000 });
  try {
    return work(database);
  } finally {
    database.close();
  }
}

async function refusal(work: Promise<unknown>): Promise<string> {
  const error = await errorOf(work);
  expect(error).toBeInstanceOf(JournalError);
  const { message, stack, cause } = error as JournalError;
  expect(cause).toBeUndefined();
  for (const text of [parent, MARKER]) expect(stack).not.toContain(text);
  return message;
}

interface Resting {
  readonly name: Uint8Array;
  readonly sealed: Uint8Array;
}

journalConformance('SQLite', {
  open: (by, namespace = 'default') => openSqliteJournal(folder, namespace, by),
  atRest: async () =>
    withDatabase(folder, (database) => {
      const rows = database.prepare('SELECT name, sealed FROM journal').all() as Resting[];
      return new Map(
        rows.map(({ name, sealed }) => [Buffer.from(name).toString('hex'), Buffer.from(sealed)]),
      );
    }),
  overwrite: async (name, sealed) =>
    withDatabase(folder, (database) => {
      database
        .prepare('UPDATE journal SET sealed = ? WHERE name = ?')
        .run(sealed, Buffer.from(name, 'hex'));
    }),
  becomeAnother: async (id) =>
    withDatabase(folder, (database) => {
      database.prepare('UPDATE journal_identity SET id = ?').run(id);
    }),
});

describe('the files of a journal in SQLite', () => {
  it('are closed to other users of the host', async () => {
    const own = nextFolder();
    await put(await open(own), 'acme/private', entryOf(1));
    const names = await readdir(own);
    expect(names).toContain(FILE);
    expect(names).toContain(`${FILE}-wal`);
    for (const name of names) expect((await stat(join(own, name))).mode & 0o777).toBe(0o600);
    expect((await stat(own)).mode & 0o777).toBe(0o700);
  });

  it('hold no credential, namespace or secret in the clear, and nothing of an entry that was removed', async () => {
    const own = nextFolder();
    const journal = await opened.add(openSqliteJournal(own, 'secret-namespace', sealer));
    await put(journal, 'acme/secretive', entryOf(1));
    await put(journal, 'acme/kept', entryOf(1));
    const sealed = withDatabase(own, (database) => {
      const rows = database.prepare('SELECT name, sealed FROM journal').all() as Resting[];
      return rows.map((row) => Buffer.from(row.sealed));
    });
    const before = await contentOf(own);
    for (const text of [MARKER, 'secretive', 'secret-namespace', 'login-a']) {
      expect(before.includes(text)).toBe(false);
    }
    await journal.remove('acme/secretive');
    const after = await contentOf(own);
    // The end of an entry, which rests in one piece.
    const rest = sealed.map((each) => after.includes(each.subarray(-40)));
    expect(rest.sort()).toEqual([false, true]);
  });

  it('are one database file that is complete once the journal is closed', async () => {
    const own = nextFolder();
    const journal = await openSqliteJournal(own, 'default', sealer);
    await put(journal, 'acme/one', entryOf(3));
    await journal.close();
    const copy = nextFolder();
    await openSqliteJournal(copy, 'default', sealer).then((empty) => empty.close());
    await copyFile(join(own, FILE), join(copy, FILE));
    expect(await (await open(copy)).read('acme/one')).toEqual(entryOf(3));
  });

  it('cannot be in a folder that is a file, and the error does not name it', async () => {
    const path = join(parent, 'a-file');
    await writeFile(path, '');
    expect(await refusal(open(path))).toContain('its path is not a folder [cause=EEXIST]');
  });

  it.each([
    [0x6969, 'NFS'],
    [0xff534d42, 'CIFS'],
    [0xef53, undefined],
  ])('are not kept where a file system of type %i is a network’s', (type, name) => {
    expect(networkFileSystem(type)).toBe(name);
  });
});

describe('the schema of a journal in SQLite', () => {
  it('is made once when many workers start at the same time', async () => {
    const own = nextFolder();
    const journals = await Promise.all(Array.from({ length: 6 }, () => open(own)));
    expect(new Set(journals.map(({ id }) => id)).size).toBe(1);
    await Promise.all(journals.map((journal, index) => put(journal, `many/${index}`, entryOf(1))));
    expect(await journals[0]?.sealedEntries()).toHaveLength(journals.length);
  });

  it('of a newer version is refused, and left as it is', async () => {
    const own = nextFolder();
    const journal = await openSqliteJournal(own, 'default', sealer);
    await journal.close();
    withDatabase(own, (database) => database.exec('PRAGMA user_version = 2'));
    expect(await refusal(open(own))).toBe(
      'journal database was made by a newer evertoken [schema=2, known=1]',
    );
    const version = withDatabase(
      own,
      (each) => each.prepare('PRAGMA user_version').get() as object,
    );
    expect(version).toMatchObject({ user_version: 2 });
  });
});

describe('a journal in SQLite', () => {
  it('stops being usable when its database is moved away, and writes nothing into the void', async () => {
    const own = nextFolder();
    const journal = await open(own);
    await put(journal, 'acme/one', entryOf(1));
    await rename(join(own, FILE), join(own, 'moved'));
    expect(await refusal(journal.check())).toContain('moved, removed or replaced');
    expect(await refusal(put(journal, 'acme/one', entryOf(2)))).toContain('moved');
    await writeFile(join(own, FILE), '');
    expect(await refusal(put(journal, 'acme/one', entryOf(2)))).toContain('replaced');
  });

  it('says that it is damaged, and what to read, where its file is no database any more', async () => {
    const own = nextFolder();
    await openSqliteJournal(own, 'default', sealer).then((journal) => journal.close());
    await writeFile(join(own, FILE), randomBytes(4 * PAGE_BYTES));
    expect(await refusal(open(own))).toMatch(
      /damaged, see .*disaster recovery \[cause=SQLITE_NOTADB\]/,
    );
  });

  it('is not opened with a damaged page, which could make entries absent', async () => {
    const own = nextFolder();
    const journal = await openSqliteJournal(own, 'default', sealer);
    const ids = Array.from({ length: 60 }, (_, index) => `damaged/${index}`);
    await Promise.all(ids.map((id) => put(journal, id, entryOf(1))));
    await journal.close();
    const content = await readFile(join(own, FILE));
    const page = Math.floor(content.length / PAGE_BYTES / 2);
    content.fill(0xff, page * PAGE_BYTES, (page + 1) * PAGE_BYTES);
    await writeFile(join(own, FILE), content);
    expect(await refusal(open(own))).toMatch(DAMAGED);
  });

  it('is not opened where one bit of a name is flipped, in its table or in its index', async () => {
    const own = nextFolder();
    const journal = await openSqliteJournal(own, 'default', sealer);
    await put(journal, 'acme/other', entryOf(1));
    await put(journal, 'acme/one', entryOf(1));
    await journal.close();
    const path = join(own, FILE);
    const pristine = await readFile(path);
    const key = { namespace: 'default', credentialId: 'acme/one' };
    const name = Buffer.from(entryName(key), 'hex');
    const places = [pristine.indexOf(name), pristine.lastIndexOf(name)];
    expect(new Set(places).size).toBe(2);
    for (const place of places) {
      const damaged = Buffer.from(pristine);
      damaged.writeUInt8(damaged.readUInt8(place + name.length - 1) ^ 1, place + name.length - 1);
      await writeFile(path, damaged);
      expect(await refusal(open(own))).toMatch(DAMAGED);
    }
    await writeFile(path, pristine);
    expect(await (await open(own)).read('acme/one')).toEqual(entryOf(1));
  });

  it('commits updates together that are asked for at once, each on what the one before left', async () => {
    const own = nextFolder();
    const journal = await open(own);
    await put(journal, 'acme/other', entryOf(1));
    const before = commitsIn(await readFile(join(own, `${FILE}-wal`)));
    const updates = Array.from({ length: 40 }, (_, index) =>
      journal.update(`together/${index % 4}`, (held) =>
        entryOf((held?.answer?.generation ?? 0) + 1),
      ),
    );
    await Promise.all(updates);
    expect(commitsIn(await readFile(join(own, `${FILE}-wal`)))).toBe(before + 1);
    expect((await journal.read('together/0'))?.answer?.generation).toBe(10);
  });

  it('writes what is asked for together with a change that fails', async () => {
    const own = nextFolder();
    const journal = await open(own);
    await put(journal, 'acme/damaged', entryOf(1));
    withDatabase(own, (database) => database.exec(`UPDATE journal SET sealed = X'00'`));
    const outcomes = await Promise.allSettled([
      put(journal, 'acme/before', entryOf(1)),
      put(journal, 'acme/damaged', entryOf(2)),
      journal.update('acme/judged', () => {
        throw new JournalError('judged so');
      }),
      put(journal, 'acme/after', entryOf(1)),
    ]);
    expect(outcomes.map(({ status }) => status)).toEqual([
      'fulfilled',
      'rejected',
      'rejected',
      'fulfilled',
    ]);
    expect(outcomes[1]).toMatchObject({ reason: expect.any(UnopenedEntryError) as unknown });
    expect(outcomes[2]).toMatchObject({ reason: { message: 'judged so' } });
    const after = await open(own);
    expect(await after.read('acme/before')).toEqual(entryOf(1));
    expect(await after.read('acme/after')).toEqual(entryOf(1));
    expect(await after.read('acme/judged')).toBeUndefined();
  });

  it('commits all of very many updates at once', async () => {
    const own = nextFolder();
    const journal = await open(own);
    const ids = Array.from({ length: 350 }, (_, index) => `many/${index}`);
    await Promise.all(ids.map((id) => put(journal, id, entryOf(1))));
    expect(await journal.sealedEntries()).toHaveLength(ids.length);
  });
});

describe('a journal in SQLite that another connection keeps locked', () => {
  it('is waited for while the process goes on, and reads meanwhile', async () => {
    const own = nextFolder();
    const journal = await open(own);
    await put(journal, 'acme/one', entryOf(1));
    const other = new DatabaseSync(join(own, FILE));
    other.exec('BEGIN IMMEDIATE');
    const update = put(journal, 'acme/one', entryOf(2));
    let isWritten = false;
    void update.then(() => {
      isWritten = true;
    });
    expect(await journal.read('acme/one')).toEqual(entryOf(1));
    await new Promise((resolve) => setImmediate(resolve));
    expect(isWritten).toBe(false);
    other.exec('ROLLBACK');
    await update;
    expect(await journal.read('acme/one')).toEqual(entryOf(2));
    other.close();
  });

  it('is given up before an intent could be taken back, and what was given up is never written', async () => {
    const own = nextFolder();
    const journal = await open(own);
    await put(journal, 'acme/one', entryOf(1));
    const other = new DatabaseSync(join(own, FILE));
    other.exec('BEGIN IMMEDIATE');
    expect(await refusal(put(journal, 'acme/one', entryOf(2)))).toBe(
      'journal entry cannot be written: another process kept it locked [cause=SQLITE_BUSY]',
    );
    other.exec('ROLLBACK');
    other.close();
    await put(journal, 'acme/two', entryOf(1));
    expect(await journal.read('acme/one')).toEqual(entryOf(1));
    expect(JOURNAL_DEADLINE_MS).toBeLessThan(IN_DOUBT_GRACE_MS);
  });
});

// Each process is a start of Node, on a machine that may be loaded.
describe('a journal in SQLite that two processes share', { timeout: 120_000 }, () => {
  const keys = `shared:${randomBytes(32).toString('base64')}`;
  const keyed = createSealer({ keyRing: KeyRing.parse(keys), allowPlaintext: false });
  beforeAll(() => shared('commandPath'));

  it('loses none of their updates of one entry', async () => {
    const own = nextFolder();
    const work = { folder: own, keys, credentialId: 'shared/one', updates: 200 };
    const processes = await Promise.all([JournalProcess.start(work), JournalProcess.start(work)]);
    expect(await Promise.all(processes.map((each) => each.done()))).toEqual([0, 0]);
    const all = processes.flatMap(({ generations }) => generations);
    expect(new Set(all).size).toBe(400);
    expect(Math.max(...all)).toBe(400);
  });

  it('has every update that one of them was told of before it was killed', async () => {
    const own = nextFolder();
    let seen = 0;
    for (const updates of [1, 7, 40, 90]) {
      const work = { folder: own, keys, credentialId: 'killed/one', updates: 100_000 };
      const victim = await JournalProcess.start(work);
      await victim.untilUpdates(updates);
      await victim.kill();
      expect(victim.generations[0]).toBeGreaterThan(seen);
      const journal = await opened.add(openSqliteJournal(own, 'default', keyed));
      const held = (await journal.read('killed/one')) as { generation: number } | undefined;
      seen = held?.generation ?? 0;
      expect(seen).toBeGreaterThanOrEqual(victim.generations.at(-1) ?? Infinity);
      await journal.check();
    }
  });
});

describe('a journal in SQLite on a disk of its own', () => {
  let disk: SmallDisk | undefined;
  beforeAll(async () => {
    disk = await SmallDisk.mount();
  });
  afterEach(async () => {
    await disk?.free();
  });
  afterAll(() => disk?.unmount());

  it('says so where the folder is read-only', async ({ skip }) => {
    if (disk === undefined) return skip('this user may not mount');
    const own = join(disk.folder, 'read-only');
    const keys = `read-only:${randomBytes(32).toString('base64')}`;
    const work = { folder: own, keys, credentialId: 'acme/one', updates: 1 };
    expect(await (await JournalProcess.start(work)).done()).toBe(0);
    await disk.allowWrites(false);
    try {
      expect(await refusal(openSqliteJournal(own, 'default', sealer))).toBe(
        'journal database cannot be opened: it is read-only [cause=EROFS]',
      );
    } finally {
      await disk.allowWrites(true);
    }
  });

  it('says that the disk is full, keeps what it has, and goes on once there is space', async ({
    skip,
  }) => {
    if (disk === undefined) return skip('this user may not mount');
    const own = join(disk.folder, 'journal');
    const journal = await openSqliteJournal(own, 'default', sealer);
    await put(journal, 'acme/one', entryOf(1));
    await disk.fill();
    const updates = [put(journal, 'acme/one', entryOf(2)), put(journal, 'acme/two', entryOf(2))];
    for (const update of updates) {
      expect(await refusal(update)).toBe(
        'journal entry cannot be written: its disk is full [cause=SQLITE_FULL]',
      );
    }
    expect(await journal.read('acme/one')).toEqual(entryOf(1));
    expect(await refusal(journal.check())).toMatch(/its disk is full \[cause=SQLITE_FULL\]$/);
    await disk.free();
    await journal.check();
    await put(journal, 'acme/two', entryOf(3));
    expect(await journal.read('acme/one')).toEqual(entryOf(1));
    await disk.fill();
    await journal.close();
    await disk.free();
    const again = await openSqliteJournal(own, 'default', sealer);
    expect(await again.read('acme/two')).toEqual(entryOf(3));
    await again.close();
  });

  it('says so where the disk is full before there is a journal', async ({ skip }) => {
    if (disk === undefined) return skip('this user may not mount');
    await disk.fill();
    const message = await refusal(openSqliteJournal(join(disk.folder, 'new'), 'default', sealer));
    expect(message).toMatch(/^journal database cannot be opened: its disk is full \[/);
  });
});

async function contentOf(of: string): Promise<Buffer> {
  const names = await readdir(of);
  return Buffer.concat(await Promise.all(names.map((name) => readFile(join(of, name)))));
}
