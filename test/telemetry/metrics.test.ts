import { once } from 'node:events';
import { createServer } from 'node:net';
import type { Runtime } from '@temporalio/worker';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { METRICS } from '../../src/contract/names.js';
import { createLogger } from '../../src/telemetry/logger.js';
import { createRefreshMetrics } from '../../src/telemetry/refresh-metrics.js';
import { installTemporalRuntime } from '../../src/telemetry/temporal-runtime.js';

let runtime: Runtime;
let port: number;

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}

beforeAll(async () => {
  port = await freePort();
  const logger = createLogger({ logLevel: 'error' });
  runtime = installTemporalRuntime({ metricsAddress: { host: '127.0.0.1', port } }, logger);
});

afterAll(() => runtime.shutdown());

describe('metrics page', () => {
  it('shows what the activity counted, by provider and reviewed code', async () => {
    const metrics = createRefreshMetrics(runtime.metricMeter);
    metrics.refreshed('tavio', 120.4);
    metrics.refreshed('tavio', 19_000);
    metrics.failed('klavi', 'PermanentRefreshError', 'invalid_grant');
    metrics.answeredFromJournal('tavio');
    metrics.journalWriteFailed('klavi');

    const lines = await vi.waitFor(async () => {
      const page = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
      expect(page).toContain(METRICS.journalWriteFailures);
      return page.split('\n').filter((line) => line.startsWith('evertoken_'));
    });

    expect(lines).toEqual(
      expect.arrayContaining([
        'evertoken_refreshes{provider="tavio"} 2',
        'evertoken_refresh_failures{code="invalid_grant",provider="klavi",type="PermanentRefreshError"} 1',
        'evertoken_journal_answers{provider="tavio"} 1',
        'evertoken_journal_write_failures{provider="klavi"} 1',
        'evertoken_refresh_duration_bucket{provider="tavio",le="100"} 0',
        'evertoken_refresh_duration_bucket{provider="tavio",le="250"} 1',
        'evertoken_refresh_duration_bucket{provider="tavio",le="20000"} 2',
        'evertoken_refresh_duration_sum{provider="tavio"} 19120',
      ]),
    );
  });
});
