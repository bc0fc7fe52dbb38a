import { spawnSync } from 'node:child_process';
import {
  closeSync,
  constants,
  existsSync,
  openSync,
  readFileSync,
  readSync,
  writeSync,
} from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { LogStream } from '../../src/telemetry/log-stream.js';
import { SmallDisk } from '../support/small-disk.js';

let folder: string;
let disk: SmallDisk | undefined;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'evertoken-log-'));
  disk = await SmallDisk.mount();
});
afterAll(async () => {
  await disk?.unmount();
  await rm(folder, { recursive: true, force: true });
});

function lineOf(number: number): string {
  return `${JSON.stringify({ number, text: 'x'.repeat(100) })}\n`;
}

describe('log lines', () => {
  it('come out whole and in their order, however many come at once', async () => {
    const path = join(folder, 'ordered.log');
    const stream = new LogStream(openSync(path, 'a'));
    const lines = Array.from({ length: 2_000 }, (_, number) => lineOf(number));
    for (const line of lines) stream.write(line);
    await expect.poll(() => readFileSync(path, 'utf8')).toBe(lines.join(''));
  });

  it('that a full disk does not take are dropped, and later ones come out once there is space', async ({
    skip,
  }) => {
    if (disk === undefined) return skip('this user may not mount');
    const path = join(disk.folder, 'worker.log');
    const stream = new LogStream(openSync(path, 'a'));
    const written = (): string => readFileSync(path, 'utf8');
    stream.write(lineOf(0));
    await expect.poll(written).toBe(lineOf(0));
    await disk.fill();
    // More than what is left of the page that the first line began, which is torn then.
    for (let number = 1; number <= 100; number += 1) stream.write(lineOf(number));
    await expect.poll(() => written().length).toBeGreaterThan(lineOf(0).length);
    stream.write('lost\n');
    await disk.free();
    await expect
      .poll(() => {
        stream.write('later\n');
        return written();
      })
      .toMatch(/\nlater\n$/);
    expect(written()).not.toMatch(/\n\n/);
  });

  it.runIf(existsSync('/dev/full'))(
    'that nothing takes do not keep the process from ending',
    () => {
      const stream = new LogStream(openSync('/dev/full', 'w'));
      stream.write('lost\n');
      stream.write('lost too\n');
      stream.flush();
    },
  );

  it('wait for a reader that is slow, at the end of the process for a moment only', async () => {
    const path = join(folder, 'pipe');
    expect(spawnSync('mkfifo', [path]).status).toBe(0);
    const fd = openSync(path, constants.O_RDWR | constants.O_NONBLOCK);
    fillPipe(fd);
    const stream = new LogStream(fd);
    stream.write('waited\n');
    const startedMs = performance.now();
    stream.flush();
    expect(performance.now() - startedMs).toBeLessThan(5_000);
    await expect.poll(() => readPipe(fd)).toMatch(/waited\n$/);
    closeSync(fd);
  });
});

/** Fills it to its last page. */
function fillPipe(fd: number): void {
  for (;;) {
    try {
      writeSync(fd, 'x'.repeat(4_096));
    } catch {
      return;
    }
  }
}

let taken = '';

/** All that was ever read of it. */
function readPipe(fd: number): string {
  const room = Buffer.alloc(1_024 * 1_024);
  try {
    taken += room.toString('utf8', 0, readSync(fd, room));
  } catch {
    // Nothing is in it at this moment.
  }
  return taken;
}
