import { Worker } from '@temporalio/worker';
import { afterAll, beforeAll, it } from 'vitest';
import { createDataConverter } from '../../src/encryption/data-converter.js';
import { TemporalKeepers } from '../../src/keepers/temporal-keepers.js';
import { FullStack, type Keeper } from '../support/full-stack.js';
import { shared } from '../support/shared-resources.js';
import { openTestNamespace } from '../support/test-namespace.js';

/** Each is refreshed 15 s later, since half of its life is the longest lead. */
const LIFETIME_S = 30;
const KEEPERS = 12;

let stack: FullStack;
beforeAll(async () => {
  stack = await FullStack.open({ openNamespace: openTestNamespace, lifetimeSeconds: LIFETIME_S });
});
afterAll(() => stack.close());

it(
  'a keeper that is asked by many in the moment in which it becomes due still replays',
  { timeout: 120_000 },
  async () => {
    const keepers = await Promise.all(
      Array.from({ length: KEEPERS }, (_, index) => started(index)),
    );
    await Promise.all(keepers.map(({ id }) => read(id, 1)));
    // New workers have no keeper in memory, and the server sends their queries along with whole histories.
    await stack.stopWorkers();
    await stack.startWorkers();
    await Promise.all(keepers.map(({ id }) => read(id, 2)));
    for (const { keeper } of keepers) await replay(keeper);
  },
);

async function started(index: number): Promise<{ readonly id: string; readonly keeper: Keeper }> {
  const spec = stack.spec('oauth2', `acme/${index}`);
  return { id: spec.id, keeper: await stack.startKeeper(spec) };
}

/** Asks without a pause until the keeper is that far. */
async function read(id: string, generation: number): Promise<void> {
  const keepers = new TemporalKeepers(stack.client);
  for (;;) {
    // So hard pressed, the SDK may drop a task, which comes again after 10 s; a reader is told of that and asks on.
    const answer = await keepers.token(id).catch(() => undefined);
    if (answer !== undefined && answer.generation >= generation) return;
  }
}

async function replay(keeper: Keeper): Promise<void> {
  const codePath = await shared('workflowBundlePath');
  const dataConverter = createDataConverter(stack.config.encryption);
  const history = await keeper.fetchHistory();
  const options = { workflowBundle: { codePath }, dataConverter };
  await Worker.runReplayHistory(options, history, keeper.workflowId);
}
