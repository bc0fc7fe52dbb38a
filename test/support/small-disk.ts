import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { run } from '../../src/dev-server/child-process.js';

/** Less than a write-ahead log may take before it is moved into its database. */
const SIZE_KIB = 2_048;

/** A file system of its own that can be filled to the last byte. Needs the right to mount. */
export class SmallDisk {
  readonly folder: string;

  private constructor(folder: string) {
    this.folder = folder;
  }

  /** Resolves with `undefined` where this user may not mount. */
  static async mount(): Promise<SmallDisk | undefined> {
    const folder = await mkdtemp(join(tmpdir(), 'evertoken-disk-'));
    try {
      await run('mount', ['-t', 'tmpfs', '-o', `size=${SIZE_KIB}k`, 'tmpfs', folder], {});
      return new SmallDisk(folder);
    } catch {
      await rm(folder, { recursive: true });
      return undefined;
    }
  }

  async fill(): Promise<void> {
    const error: unknown = await writeFile(
      this.#filler,
      Buffer.alloc((SIZE_KIB + 1) * 1_024),
    ).catch((caught: unknown) => caught);
    if ((error as NodeJS.ErrnoException | undefined)?.code !== 'ENOSPC') {
      throw new Error('the disk is not full');
    }
  }

  async free(): Promise<void> {
    await rm(this.#filler, { force: true });
  }

  /** Whether the file system can be written to. */
  async allowWrites(areAllowed: boolean): Promise<void> {
    await run('mount', ['-o', `remount,${areAllowed ? 'rw' : 'ro'}`, this.folder], {});
  }

  async unmount(): Promise<void> {
    await run('umount', ['--lazy', this.folder], {});
    await rm(this.folder, { recursive: true });
  }

  get #filler(): string {
    return join(this.folder, 'filler');
  }
}
