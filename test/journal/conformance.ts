import { describe, expect, it } from 'vitest';
import type { JournalEntry } from '../../src/contract/journal-entry.js';
import type { RefreshJournal } from '../../src/journal/port.js';

const entry = (generation: number): JournalEntry => ({
  keeperId: 'keeper-1',
  epoch: 1,
  intent: { fingerprint: 'f', atMs: 1, deadlineAtMs: 2 },
  answer: {
    epoch: 1,
    generation,
    token: { value: 'tok', tokenType: 'Bearer', issuedAtMs: 1, expiresAtMs: 2, extras: { a: [1] } },
    replacedMaterial: { refreshToken: 'next' },
  },
});

/** What every refresh journal promises; run for each adapter. `open` opens the same journal again and again. */
export function journalConformance(name: string, open: () => Promise<RefreshJournal>): void {
  describe(`the refresh journal in ${name}`, () => {
    it('knows nothing of a credential that was never refreshed', async () => {
      expect(await (await open()).read('never/seen')).toBeUndefined();
    });

    it('gives back what was written, also to another process', async () => {
      await (await open()).write('acme/one', entry(1));
      expect(await (await open()).read('acme/one')).toEqual(entry(1));
    });

    it('replaces an entry whole', async () => {
      const journal = await open();
      await journal.write('acme/two', entry(1));
      await journal.write('acme/two', { keeperId: 'keeper-2', epoch: 3 });
      expect(await journal.read('acme/two')).toEqual({ keeperId: 'keeper-2', epoch: 3 });
    });

    it('keeps credentials apart, also when their ids look like paths', async () => {
      const journal = await open();
      await journal.write('a/b', entry(1));
      await journal.write('a', entry(2));
      await journal.write('a/../a/b', entry(3));
      expect((await journal.read('a/b'))?.answer?.generation).toBe(1);
      expect((await journal.read('a'))?.answer?.generation).toBe(2);
    });

    it('holds one whole entry after many writes at once', async () => {
      const journal = await open();
      const generations = Array.from({ length: 20 }, (_, index) => index + 1);
      await Promise.all(generations.map((generation) => journal.write('busy', entry(generation))));
      const read = await journal.read('busy');
      expect(read).toEqual(entry(read?.answer?.generation ?? 0));
    });
  });
}
