import { randomBytes, randomUUID } from 'node:crypto';
import { afterEach, describe, expect, it } from 'vitest';
import type { JournalEntry } from '../../src/contract/journal-entry.js';
import { KeyRing } from '../../src/encryption/key-ring.js';
import { createSealer } from '../../src/encryption/sealer.js';
import {
  JournalError,
  type RefreshJournal,
  type Sealer,
  UnopenedEntryError,
} from '../../src/journal/port.js';
import { OpenedJournals } from './opened-journals.js';

/** A place where a journal rests, as its adapter keeps it. */
export interface JournalPlace {
  /** Opens the same journal again and again, as other processes would. */
  open(sealer: Sealer, namespace?: string): Promise<RefreshJournal>;
  /** Sealed entries by the names under which they rest. */
  atRest(): Promise<ReadonlyMap<string, Buffer>>;
  /** Writes over what rests under that name, behind the journal's back. */
  overwrite(name: string, sealed: Buffer): Promise<void>;
  /** Gives the database this id, behind the journal's back. */
  becomeAnother(id: string): Promise<void>;
}

/** A sealer with a key of its own. */
export function newSealer(keyId = 'test'): Sealer {
  const keyRing = KeyRing.parse(`${keyId}:${randomBytes(32).toString('base64')}`);
  return createSealer({ keyRing, allowPlaintext: false });
}

/** A text that stands for a secret. */
export const MARKER = 'CANARY-refresh-token';

/** An entry that holds the marker as a secret. */
export function entryOf(generation: number): JournalEntry {
  return {
    credentialId: 'acme/one',
    provider: 'oauth2',
    lineage: 'login-a',
    epoch: 1,
    application: 1,
    settings: 'settings',
    earlierLogins: [],
    intent: { id: 'intent-1', fingerprint: 'f', atMs: 1, attemptAgeMs: 2 },
    answer: {
      credentialId: 'acme/one',
      lineage: 'login-a',
      epoch: 1,
      earlierLogins: [],
      generation,
      token: { value: MARKER, tokenType: 'Bearer', issuedAtMs: 1, expiresAtMs: 2, extras: {} },
      application: 1,
      waitedMs: 0,
      refreshLeadMs: 1,
      replacedMaterial: { refreshToken: MARKER },
      journalId: 'journal-1',
    },
  };
}

/** Puts an entry in place of whatever is there. */
export async function put(
  journal: RefreshJournal,
  credentialId: string,
  entry: JournalEntry,
): Promise<void> {
  await journal.update(credentialId, () => entry);
}

/** What a rejected promise was rejected with. */
export async function errorOf(work: Promise<unknown>): Promise<unknown> {
  return work.then(
    () => undefined,
    (error: unknown) => error,
  );
}

/** What every refresh journal promises; run for each adapter, each time over a place of its own. */
export function journalConformance(name: string, place: JournalPlace): void {
  describe(`the refresh journal in ${name}`, () => {
    const sealer = newSealer();
    const opened = new OpenedJournals();
    const open = (by = sealer, namespace?: string): Promise<RefreshJournal> =>
      opened.add(place.open(by, namespace));
    afterEach(() => opened.close());

    it('knows nothing of a credential that was never refreshed', async () => {
      expect(await (await open()).read('never/seen')).toBeUndefined();
    });

    it('gives back what was written, also to another process', async () => {
      await put(await open(), 'acme/one', entryOf(1));
      expect(await (await open()).read('acme/one')).toEqual(entryOf(1));
    });

    it('replaces an entry whole', async () => {
      const journal = await open();
      await put(journal, 'acme/two', entryOf(1));
      const { answer: _none, ...next } = entryOf(3);
      expect(await journal.update('acme/two', () => next)).toEqual(next);
      expect(await journal.read('acme/two')).toEqual(next);
    });

    it('leaves an entry alone that a change does not want to replace, and says what it is', async () => {
      const journal = await open();
      expect(await journal.update('acme/left', () => undefined)).toBeUndefined();
      await put(journal, 'acme/left', entryOf(1));
      const before = await place.atRest();
      expect(await journal.update('acme/left', () => undefined)).toEqual(entryOf(1));
      expect(await place.atRest()).toEqual(before);
    });

    it('lets no other update come between what a change sees and what it writes', async () => {
      const journal = await open();
      const increments = Array.from({ length: 20 }, () =>
        journal.update('busy', (held) => entryOf((held?.answer?.generation ?? 0) + 1)),
      );
      const seen = (await Promise.all(increments)).map((entry) => entry?.answer?.generation);
      expect(new Set(seen).size).toBe(increments.length);
      expect(await journal.read('busy')).toEqual(entryOf(increments.length));
    });

    it('keeps credentials apart, also when their ids look like paths', async () => {
      const journal = await open();
      await put(journal, 'a/b', entryOf(1));
      await put(journal, 'a', entryOf(2));
      await put(journal, 'a/../a/b', entryOf(3));
      expect((await journal.read('a/b'))?.answer?.generation).toBe(1);
      expect((await journal.read('a'))?.answer?.generation).toBe(2);
    });

    it('holds one entry for each credential, however often it is refreshed', async () => {
      const journal = await open();
      const before = (await place.atRest()).size;
      for (let count = 1; count <= 5; count += 1) await put(journal, 'acme/often', entryOf(count));
      expect((await place.atRest()).size).toBe(before + 1);
    });

    it('reveals nothing where it rests, neither by name nor by content', async () => {
      await put(await open(), 'acme/secretive', entryOf(1));
      const names = await place.atRest();
      expect(names.size).toBeGreaterThan(0);
      for (const [entryName, sealed] of names) {
        expect(entryName).toMatch(/^[0-9a-f]{64}$/);
        for (const text of [MARKER, 'secretive', 'login-a']) {
          expect(sealed.includes(text)).toBe(false);
        }
      }
    });

    it('does not open an entry under another credential’s name', async () => {
      const journal = await open();
      const from = await nameOf('acme/from', () => put(journal, 'acme/from', entryOf(1)));
      const to = await nameOf('acme/to', () => put(journal, 'acme/to', entryOf(2)));
      const sealed = (await place.atRest()).get(from);
      if (sealed === undefined) throw new Error('the entry is gone');
      await place.overwrite(to, sealed);
      expect(await errorOf(journal.read('acme/to'))).toBeInstanceOf(JournalError);
    });

    it('takes a damaged entry for an error and never for an empty journal', async () => {
      const journal = await open();
      const damaged = await nameOf('acme/damaged', () => put(journal, 'acme/damaged', entryOf(1)));
      await place.overwrite(damaged, Buffer.from('rubbish'));
      expect(await errorOf(journal.read('acme/damaged'))).toBeInstanceOf(JournalError);
      const write = put(journal, 'acme/damaged', entryOf(2));
      expect(await errorOf(write)).toBeInstanceOf(JournalError);
    });

    it('takes an entry in plain text that was cut for one that does not open', async () => {
      const journal = await open(createSealer({ allowPlaintext: true }));
      const name = await nameOf('acme/cut', () => put(journal, 'acme/cut', entryOf(1)));
      const whole = (await place.atRest()).get(name) ?? Buffer.of();
      await place.overwrite(name, whole.subarray(0, whole.length / 2));
      expect(await errorOf(journal.read('acme/cut'))).toBeInstanceOf(UnopenedEntryError);
    });

    it('does not open with another key, and the error holds nothing of the entry', async () => {
      await put(await open(), 'acme/keyed', entryOf(1));
      const other = await open(newSealer());
      const error = await errorOf(other.read('acme/keyed'));
      expect(error).toBeInstanceOf(UnopenedEntryError);
      expect((error as JournalError).message).toMatch(
        /\[credentialId=acme\/keyed, keyId=\S+\].*evertoken keys usage/,
      );
      expect((error as JournalError).stack).not.toContain(MARKER);
      expect(error).not.toHaveProperty('cause');
    });

    it('keeps namespaces apart that share it, and opens no entry of one in the other', async () => {
      const [one, other] = [await open(sealer, 'one'), await open(sealer, 'other')];
      const from = await nameOf('acme/shared', () => put(one, 'acme/shared', entryOf(1)));
      expect(await other.read('acme/shared')).toBeUndefined();
      const to = await nameOf('acme/shared', () => put(other, 'acme/shared', entryOf(2)));
      expect((await one.read('acme/shared'))?.answer?.generation).toBe(1);
      const sealed = (await place.atRest()).get(from);
      if (sealed === undefined) throw new Error('the entry is gone');
      await place.overwrite(to, sealed);
      expect(await errorOf(other.read('acme/shared'))).toBeInstanceOf(JournalError);
    });

    it('has one id, whoever opens it and whenever', async () => {
      const journals = await Promise.all([open(), open(), open(newSealer(), 'other')]);
      const ids = new Set(journals.map(({ id }) => id));
      expect(ids.size).toBe(1);
      expect([...ids][0]).toMatch(/^[0-9a-f-]{36}$/);
      expect((await open()).id).toBe([...ids][0]);
    });

    it('neither reads, writes, removes nor lists in a database that has become another journal’s', async () => {
      const journal = await open();
      await put(journal, 'acme/replaced', entryOf(1));
      await place.becomeAnother(randomUUID());
      for (const use of [
        () => put(journal, 'acme/replaced', entryOf(2)),
        () => put(journal, 'acme/never-there', entryOf(2)),
        () => journal.read('acme/replaced'),
        () => journal.remove('acme/replaced'),
        () => journal.sealedEntries(),
        () => journal.check(),
      ]) {
        expect(String(await errorOf(use()))).toMatch(/^JournalError: journal was replaced/);
      }
      await place.becomeAnother(journal.id);
      expect(await journal.read('acme/replaced')).toEqual(entryOf(1));
      expect(await journal.read('acme/never-there')).toBeUndefined();
    });

    it('removes an entry, and only that, and says whether there was one', async () => {
      const journal = await open();
      await put(journal, 'acme/gone', entryOf(1));
      await put(journal, 'acme/kept', entryOf(2));
      expect(await journal.remove('acme/gone')).toBe(true);
      expect(await journal.remove('acme/gone')).toBe(false);
      expect(await journal.remove('acme/never-was')).toBe(false);
      expect(await journal.read('acme/gone')).toBeUndefined();
      expect(await journal.read('acme/kept')).toEqual(entryOf(2));
    });

    it('says which key sealed each entry, without opening any', async () => {
      const keyed = await open(newSealer('first'), 'usage');
      const name = await nameOf('acme/keyed-usage', () =>
        put(keyed, 'acme/keyed-usage', entryOf(1)),
      );
      const other = await open(newSealer('second'), 'usage');
      expect(await other.sealedEntries()).toContainEqual({ name, keyId: 'first' });
    });

    it('can be used, and says so', async () => {
      await expect((await open()).check()).resolves.toBeUndefined();
    });

    /** The name under which a new entry rests. */
    async function nameOf(credentialId: string, write: () => Promise<void>): Promise<string> {
      const before = await place.atRest();
      await write();
      const added = [...(await place.atRest()).keys()].filter((each) => !before.has(each));
      const [only] = added;
      if (only === undefined || added.length > 1) throw new Error(`not one entry: ${credentialId}`);
      return only;
    }
  });
}
