import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { statusJson, statusLines } from '../../src/cli/status-text.js';
import { providerTaskQueue } from '../../src/contract/names.js';
import { KeeperAdministration } from '../../src/keepers/administration.js';
import { TemporalKeepers } from '../../src/keepers/temporal-keepers.js';
import { FullStack } from '../support/full-stack.js';
import { openTestNamespace } from '../support/test-namespace.js';

/** No worker serves the task queue of this group, since no rate limit names it. */
const GROUP = 'unserved';
const QUEUE = providerTaskQueue('oauth2', GROUP);
const ID = 'unserved/refresh';

let stack: FullStack;
let reader: TemporalKeepers;

beforeAll(async () => {
  stack = await FullStack.open({ openNamespace: openTestNamespace });
  reader = new TemporalKeepers(stack.client);
  await new KeeperAdministration(stack.client).apply({
    ...stack.spec('oauth2', ID),
    group: GROUP,
  });
});
afterAll(() => stack.close());

describe('where workers run keepers, and none takes their refreshes', () => {
  it('whoever waits for a token is told which task queue nobody serves', async () => {
    const request = { minValidityMs: 0, generation: 0 };
    await expect(reader.ensureFresh(ID, request)).rejects.toMatchObject({
      code: 'UNAVAILABLE',
      message: expect.stringContaining(
        `no worker takes its refresh from task queue ${QUEUE};`,
      ) as unknown,
    });
  });

  it('its status tells for how long the refresh has waited, and where', async () => {
    const waiting = () => reader.status(ID).then(({ waitsForWorker }) => waitsForWorker?.taskQueue);
    await expect.poll(waiting).toBe(QUEUE);
    const status = await reader.status(ID);
    const sinceMs = status.waitsForWorker?.sinceMs ?? 0;
    const lines = statusLines(status, sinceMs + 72_000);
    expect(lines).toContain(`waits:         1m 12s on task queue ${QUEUE}`);
    expect(statusJson(status)).toMatchObject({
      waitsForWorker: { taskQueue: QUEUE, since: expect.stringMatching(/^\d{4}-/) as unknown },
    });
  });
});
