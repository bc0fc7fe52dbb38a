import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Connection } from '@temporalio/client';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { LOOPBACK } from '../../src/contract/loopback.js';
import { freePort, isPortFree } from '../../src/dev-server/free-port.js';
import { findTemporalServer } from '../../src/dev-server/temporal-executable.js';
import { startDevServer, type DevServer } from '../../src/dev-server/temporal-server.js';

const RETENTION_SECONDS = 30 * 24 * 60 * 60;

describe('startDevServer', () => {
  let directory: string;
  let logFile: string;
  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'evertoken-server-'));
    logFile = join(directory, 'temporal.log');
  });
  afterEach(async () => {
    await rm(directory, { recursive: true });
  });

  it('serves a namespace with our search attributes that keeps closed runs for 30 days, again after a restart', async () => {
    const options = {
      executable: await findTemporalServer(),
      port: await freePort(),
      uiPort: await freePort(),
      dbFilename: join(directory, 'temporal.db'),
      logFile,
    };
    for (const start of ['first', 'second']) {
      const server = await startDevServer(options);
      try {
        expect(await namespaceOf(server), start).toEqual({
          retentionSeconds: RETENTION_SECONDS,
          searchAttributes: ['EvertokenProvider', 'EvertokenStatus'],
        });
        expect((await fetch(`${server.uiUrl ?? ''}/api/v1/settings`)).status).toBe(200);
      } finally {
        await server.stop();
      }
      expect(await isPortFree(options.port)).toBe(true);
    }
  });

  it('says which port another process has taken', async () => {
    const other = createServer().listen(0, LOOPBACK);
    await once(other, 'listening');
    const address = other.address();
    const port = typeof address === 'object' && address ? address.port : 0;
    try {
      await expect(startDevServer({ executable: 'unused', port, logFile })).rejects.toThrow(
        `the port for Temporal is taken by another process [port=${port}]`,
      );
    } finally {
      other.close();
    }
  });

  /** A server that is a shell script. */
  async function scripted(...lines: readonly string[]): Promise<string> {
    const executable = join(directory, 'temporal');
    await writeFile(executable, ['#!/bin/sh', ...lines, ''].join('\n'));
    await chmod(executable, 0o755);
    return executable;
  }

  it('fails with the end of the log when the server does not come up', async () => {
    const executable = await scripted('echo "this disk is full" >&2', 'exit 1');
    const port = await freePort();
    await expect(startDevServer({ executable, port, logFile })).rejects.toThrow(
      /did not start \[address=127\.0\.0\.1:\d+\]: .*this disk is full$/s,
    );
  });

  it('fails with the reason of a panic, however long its stack is', async () => {
    const stack = 'for line in $(seq 500); do echo "main.start at line $line" >&2; done';
    const executable = await scripted('echo "panic: no port is free" >&2', stack, 'exit 2');
    const port = await freePort();
    await expect(startDevServer({ executable, port, logFile })).rejects.toThrow(
      /did not start \[address=127\.0\.0\.1:\d+\]: panic: no port is free\n/,
    );
  });

  it('starts a server once more that ended while it started', async () => {
    const started = join(directory, 'started-before');
    const real = await findTemporalServer();
    const executable = await scripted(
      `[ -e '${started}' ] || { touch '${started}'; echo 'panic: another took the port' >&2; exit 2; }`,
      `exec '${real}' "$@"`,
    );
    const server = await startDevServer({ executable, port: await freePort(), logFile });
    try {
      expect(await namespaceOf(server)).toMatchObject({ retentionSeconds: 30 * 86_400 });
    } finally {
      await server.stop();
    }
  });
});

async function namespaceOf(
  server: DevServer,
): Promise<{ retentionSeconds: number; searchAttributes: string[] }> {
  const { address, namespace } = server;
  const connection = await Connection.connect({ address });
  try {
    const { config } = await connection.workflowService.describeNamespace({ namespace });
    const { customAttributes } = await connection.operatorService.listSearchAttributes({
      namespace,
    });
    return {
      retentionSeconds: Number(config?.workflowExecutionRetentionTtl?.seconds),
      searchAttributes: Object.keys(customAttributes)
        .filter((name) => name.startsWith('Evertoken'))
        .sort(),
    };
  } finally {
    await connection.close();
  }
}
