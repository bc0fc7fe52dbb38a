import fs, { mkdtemp, rm } from 'node:fs/promises';
import { syncBuiltinESMExports } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { prepareFolder } from '../../src/journal/journal-folder.js';

let parent: string;
/** What the system was asked to flush, in order. */
let flushed: string[];
let isDiskBroken = false;

beforeAll(async () => {
  parent = await mkdtemp(join(tmpdir(), 'evertoken-folder-'));
  const { open } = fs;
  vi.spyOn(fs, 'open').mockImplementation(async (path, ...how) => {
    const handle = await open(path, ...how);
    vi.spyOn(handle, 'sync').mockImplementation(async () => {
      if (isDiskBroken) throw new Error('EIO');
      flushed.push(String(path));
      await handle.datasync();
    });
    return handle;
  });
  syncBuiltinESMExports();
});
afterAll(async () => {
  vi.restoreAllMocks();
  syncBuiltinESMExports();
  await rm(parent, { recursive: true, force: true });
});

describe('the folder of a journal', () => {
  it('outlasts a power failure with all folders above it that were made for it', async () => {
    flushed = [];
    await prepareFolder(join(parent, 'evertoken', 'journals', 'one'));
    const above = join(parent, 'evertoken');
    expect(flushed).toEqual([join(above, 'journals'), above, parent]);
  });

  it('asks to flush nothing once it is there, so that the folder above need not be readable', async () => {
    flushed = [];
    await prepareFolder(join(parent, 'evertoken', 'journals', 'one'));
    expect(flushed).toEqual([]);
  });

  it('is made anew by the next start where its name could not be flushed', async () => {
    const folder = join(parent, 'broken', 'journal');
    isDiskBroken = true;
    await expect(prepareFolder(folder)).rejects.toThrow('EIO');
    isDiskBroken = false;
    flushed = [];
    await prepareFolder(folder);
    expect(flushed).toEqual([join(parent, 'broken'), parent]);
  });

  // Elsewhere there is no such place.
  it.runIf(process.platform === 'linux')('is refused where nobody can make any', async () => {
    const folder = '/proc/evertoken/journal';
    await expect(prepareFolder(folder)).rejects.toMatchObject({ code: 'ENOENT' });
  });
});
