import { spawn, spawnSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { LOOPBACK } from '../../src/contract/loopback.js';
import { freePort } from '../../src/dev-server/free-port.js';
import { generateKey } from '../../src/encryption/key-ring.js';
import { fileText } from '../../src/settings/file-text.js';
import { EvertokenCommand } from '../support/evertoken-command.js';

let folder: string;
let pipe: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'evertoken-pipe-'));
  pipe = join(folder, 'pipe');
  expect(spawnSync('mkfifo', [pipe]).status).toBe(0);
});
afterEach(() => rm(folder, { recursive: true }));

/** A program that writes into the pipe once somebody reads it. */
function writeOnce(text: string): void {
  spawn('sh', ['-c', 'sleep 0.2; printf %s "$1" > "$2"', 'sh', text, pipe], { stdio: 'ignore' });
}

describe('the text of a file', () => {
  it('is read anew each time, since it may change', async () => {
    const path = join(folder, 'file');
    await writeFile(path, 'one');
    expect(fileText(path)).toBe('one');
    await writeFile(path, 'two');
    expect(fileText(path)).toBe('two');
  });

  it('is there again for whoever asks next, where it comes through a pipe', () => {
    writeOnce('x'.repeat(100_000));
    expect(fileText(pipe)).toBe('x'.repeat(100_000));
    expect(fileText(pipe)).toBe('x'.repeat(100_000));
  });

  it('is not waited for without end, where nothing writes into the pipe', () => {
    expect(fileText(pipe)).toBeUndefined();
  });

  it('is none of a folder or of what is not there', () => {
    expect(fileText(folder)).toBeUndefined();
    expect(fileText(join(folder, 'none'))).toBeUndefined();
  });
});

it('a command that changes keepers reads keys from a pipe once', async () => {
  const command = await EvertokenCommand.open();
  try {
    writeOnce(generateKey());
    const address = `${LOOPBACK}:${await freePort()}`;
    const { exitCode, stderr } = await command.run(['stop', 'a'], {
      EVERTOKEN_ENCRYPTION_KEYS_FILE: pipe,
      TEMPORAL_ADDRESS: address,
    });
    expect([exitCode, stderr]).toEqual([
      5,
      `error: temporal cannot be reached [address=${address}]\n`,
    ]);
  } finally {
    await command.remove();
  }
});
