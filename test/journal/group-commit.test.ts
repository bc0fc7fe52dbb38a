import { expect, it } from 'vitest';
import { GroupCommit, type Transactions } from '../../src/journal/group-commit.js';

/** A disk that takes nothing, not even the end of a transaction, until it is repaired. */
class BrokenDisk implements Transactions {
  isBroken = true;
  begun = 0;
  readonly database = { exec: () => this.#fail() };

  begin(): void {
    this.begun += 1;
  }

  rollBack(): void {
    this.#fail();
  }

  #fail(): void {
    if (!this.isBroken) return;
    throw Object.assign(new Error('disk I/O error'), { code: 'ERR_SQLITE_ERROR', errcode: 10 });
  }
}

it('a journal whose disk refuses even a rollback fails its updates, and takes later ones once the disk is repaired', async () => {
  const disk = new BrokenDisk();
  const commits = new GroupCommit(disk);
  await expect(commits.run(() => 1)).rejects.toThrow('disk I/O error');
  disk.isBroken = false;
  expect(await commits.run(() => 2)).toBe(2);
  expect(disk.begun).toBe(2);
  await commits.finished();
});
