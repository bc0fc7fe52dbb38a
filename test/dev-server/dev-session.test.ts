import { mkdirSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { once } from 'node:events';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { DEV_FILES } from '../../src/dev-server/dev-files.js';
import { announceDevSession, runningDevSession } from '../../src/dev-server/dev-session.js';
import { LOOPBACK } from '../../src/contract/loopback.js';
import { freePort } from '../../src/dev-server/free-port.js';

const OF_DEV = { namespace: 'default', sealing: 'dev-key' } as const;

describe('a dev environment is found by its file', () => {
  const before = process.cwd();
  let folder: string;
  let server: Server;
  let temporalAddress: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'evertoken-session-'));
    process.chdir(folder);
    mkdirSync(DEV_FILES.directory);
    server = createServer().listen(0, LOOPBACK);
    await once(server, 'listening');
    const bound = server.address();
    if (bound === null || typeof bound === 'string') throw new Error('no port');
    temporalAddress = `${LOOPBACK}:${bound.port}`;
  });
  afterEach(async () => {
    process.chdir(before);
    server.close();
    await rm(folder, { recursive: true });
  });

  it('while its process lives and its server listens', async () => {
    const session = { pid: process.ppid, temporalAddress, ...OF_DEV };
    announceDevSession(session);
    expect(await runningDevSession()).toEqual(session);
  });

  it('and not by one that names this very process, as after a kill in a container', async () => {
    announceDevSession({ pid: process.pid, temporalAddress, ...OF_DEV });
    expect(await runningDevSession()).toBeUndefined();
  });

  it('and not by one whose process id is another program’s by now', async () => {
    const gone = `${LOOPBACK}:${await freePort()}`;
    announceDevSession({ pid: process.ppid, temporalAddress: gone, ...OF_DEV });
    expect(await runningDevSession()).toBeUndefined();
  });

  it.each([2 ** 30, -1, 0, 1.5])('and not by one that names no process: %d', async (pid) => {
    announceDevSession({ pid, temporalAddress, ...OF_DEV });
    expect(await runningDevSession()).toBeUndefined();
  });
});
