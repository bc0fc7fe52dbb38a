import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Connection } from '@temporalio/client';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { freePort, isPortFree, LOOPBACK } from '../../src/dev-server/free-port.js';
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

  it('fails with the end of the log when the server does not come up', async () => {
    const executable = join(directory, 'temporal');
    await writeFile(executable, '#!/bin/sh\necho "this disk is full" >&2\nexit 1\n');
    await chmod(executable, 0o755);
    const port = await freePort();
    await expect(startDevServer({ executable, port, logFile })).rejects.toThrow(
      /did not start \[address=127\.0\.0\.1:\d+\]: this disk is full/,
    );
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
