import { expect, it } from 'vitest';
import { serverFinding } from '../../../src/cli/doctor/server-findings.js';
import type { CliSession } from '../../../src/cli/session.js';

it('a server that calls its version by escapes shows none', async () => {
  const session = {
    client: {
      connection: { withDeadline: (_deadline: number, call: () => unknown) => call() },
      workflowService: { getSystemInfo: async () => ({ serverVersion: '1\u001b[2J\nok' }) },
    },
    target: { address: '127.0.0.1:7233', namespace: 'default' },
  } as unknown as CliSession;
  expect((await serverFinding(session)).text).toBe(
    'Temporal 1\\u001b[2J\\u000aok at 127.0.0.1:7233, namespace default',
  );
});
