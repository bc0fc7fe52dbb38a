import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { makeOnce } from '../../src/dev-server/make-once.js';

/** More than a take-over of a loaded machine takes, and less than a wait without end. */
const TAKE_OVER_LIMIT_MS = 20_000;

describe('what is made once', () => {
  let folder: string;
  let path: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'evertoken-once-'));
    path = join(folder, 'made');
  });
  afterEach(() => rm(folder, { recursive: true }));

  it.each([
    ['an empty lock, as a full disk leaves', ''],
    ['a lock that names no process', 'nobody'],
    ['a lock of a killed process that had this one’s id', String(process.pid)],
  ])('is made in spite of %s', async (_what, text) => {
    await writeFile(`${path}.lock`, text);
    const signal = AbortSignal.timeout(TAKE_OVER_LIMIT_MS);
    await makeOnce(
      path,
      (empty) => writeFile(join(empty, 'it'), ''),
      () => undefined,
      signal,
    );
    expect(await readdir(path)).toEqual(['it']);
    expect(await readdir(folder)).toEqual(['made']);
  });

  it('is waited for while a process that lives makes it', async () => {
    await writeFile(`${path}.lock`, String(process.ppid));
    const lines: string[] = [];
    const waiting = makeOnce(
      path,
      () => Promise.resolve(),
      (line) => lines.push(line),
    );
    await expect
      .poll(() => lines)
      .toEqual([`waiting for process ${process.ppid}, which is making the same`]);
    await rm(`${path}.lock`);
    await waiting;
    expect(await readdir(folder)).toEqual(['made']);
  });
});
