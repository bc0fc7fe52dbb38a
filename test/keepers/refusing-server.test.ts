import { Metadata, status as GRPC } from '@grpc/grpc-js';
import type { Client } from '@temporalio/client';
import { afterEach, expect, it } from 'vitest';
import { TemporalKeepers } from '../../src/keepers/temporal-keepers.js';
import { createClient, loadTemporalTarget, openConnection } from '../../src/temporal/connection.js';
import { startGrpcServer } from '../support/grpc-server.js';

const closers: (() => void)[] = [];
afterEach(() => closers.splice(0).forEach((close) => close()));

/** Keepers on a server that turns every call away with a gRPC status. */
async function keepersAt(status: string): Promise<TemporalKeepers> {
  const { address, server } = await startGrpcServer(status, '0');
  const target = loadTemporalTarget(
    { TEMPORAL_CONFIG_FILE: '/nonexistent/temporal.toml', TEMPORAL_ADDRESS: address },
    { allowCleartext: false },
  );
  const connection = await openConnection(target);
  closers.push(() => {
    void connection.close();
    server.close();
  });
  const client = createClient(target, connection, { allowPlaintext: true });
  return new TemporalKeepers(client, { callDeadlineMs: 1_000 });
}

it.each([
  ['is over its rate limit', '8', 'temporal takes no more requests now'],
  ['is away', '14', 'temporal cannot be reached'],
])(
  'where the server %s, whoever reads or wants a fresh token is told that, and not to start a worker',
  async (_state, status, words) => {
    const keepers = await keepersAt(status);
    const calls = [
      keepers.token('acme/mail'),
      keepers.ensureFresh('acme/mail', { minValidityMs: 0, generation: 1 }),
    ];
    for (const call of await Promise.allSettled(calls)) {
      expect(String(call.status === 'rejected' && call.reason)).toContain(words);
    }
  },
);

it('a server that is too slow to take a wish for a refresh is told as that, and not as a lack of workers', async () => {
  const refusing = (code: GRPC) => async (): Promise<never> => {
    const refused = { code, details: 'refused', metadata: new Metadata() };
    throw Object.assign(new Error('refused'), refused);
  };
  const keeper = {
    // As many callers wait as may, so whoever comes now sends a signal and looks again and again.
    startUpdate: refusing(GRPC.RESOURCE_EXHAUSTED),
    signal: refusing(GRPC.DEADLINE_EXCEEDED),
  };
  const client = {
    connection: { withDeadline: (_deadline: number, work: () => unknown) => work() },
    workflow: { getHandle: () => keeper },
  };
  const keepers = new TemporalKeepers(client as unknown as Client);
  await expect(
    keepers.ensureFresh('acme/mail', { minValidityMs: 0, generation: 1 }),
  ).rejects.toMatchObject({
    code: 'UNAVAILABLE',
    message: expect.stringContaining('temporal does not answer in time') as unknown,
  });
});
