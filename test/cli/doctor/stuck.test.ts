import { fileURLToPath } from 'node:url';
import { bundleWorkflowCode, DefaultLogger } from '@temporalio/worker';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { exitCodeOfFindings } from '../../../src/cli/doctor/finding.js';
import { statusLines } from '../../../src/cli/status-text.js';
import { statusQuery } from '../../../src/contract/message-definitions.js';
import { KEEPER_TASK_QUEUE, keeperWorkflowId } from '../../../src/contract/names.js';
import {
  createDataConverter,
  FAILURE_CONVERTER_PATH,
} from '../../../src/encryption/data-converter.js';
import { TEMPORAL_CALL_DEADLINE_MS } from '../../../src/temporal/numbers.js';
import { HoldingProxy } from '../../support/holding-proxy.js';
import { replyWith } from '../../support/provider-scripts.js';
import { forceRequest } from '../../support/requests.js';
import { type RunningWorker, startTestWorker } from '../../support/test-worker.js';
import { DoctorRig } from './doctor-rig.js';

const CHANGED_KEEPER = fileURLToPath(new URL('changed-keeper.ts', import.meta.url));

let rig: DoctorRig;
beforeAll(async () => {
  rig = await DoctorRig.open();
});
afterAll(() => rig.stack.close());

/** Keeps a credential whose provider answers with 503 from its first forced refresh on. */
async function keepFailing(id: string): Promise<void> {
  await rig.keepers.apply(rig.stack.spec('tavio', id));
  const standIn = rig.stack.standIns.of('tavio');
  for (let count = 0; count < 20; count += 1) standIn.answerNext(replyWith({ status: 503 }));
  await rig.keepers.forceRefresh(id, forceRequest({ cuts: 'retry-after' }));
}

it('a refresh that fails is a warning with its code, and what to do', async () => {
  const id = 'stuck/retrying';
  await keepFailing(id);
  await expect
    .poll(() => rig.troubleOf(id))
    .toMatchObject({
      level: 'warn',
      problem: 'retrying',
      text: expect.stringMatching(
        /^stuck\/retrying is retrying, attempt \d+ \[code=http_503, status=503\], token expires in 59m \d+s: nothing: it is tried again/,
      ) as string,
    });
  await rig.keeper(id).terminate();
});

it('a refresh that somebody paused in Temporal is told as that, by its status, too, and another one lifts it', async () => {
  const id = 'stuck/paused';
  await keepFailing(id);
  await expect.poll(() => rig.tokens.status(id)).toHaveProperty('lastFailure.code', 'http_503');
  const { raw } = await rig.keeper(id).describe();
  await rig.stack.client.workflowService.pauseActivity({
    namespace: rig.stack.namespace.namespace,
    execution: { workflowId: keeperWorkflowId(id) },
    id: raw.pendingActivities?.[0]?.activityId ?? '',
  });
  await expect
    .poll(() => rig.troubleOf(id))
    .toMatchObject({
      level: 'fail',
      problem: 'paused',
      text: expect.stringContaining(
        'its refresh is paused in Temporal, token expires in',
      ) as string,
      repair: `evertoken refresh ${id}`,
    });
  const status = statusLines(await rig.tokens.status(id), Date.now()).join('\n');
  expect(status).toMatch(/next refresh: +paused in Temporal, attempt \d+\n/);
  expect(status).toMatch(/what to do: +unpause .* evertoken refresh stuck\/paused$/m);
  await rig.keepers.forceRefresh(id, forceRequest({ cuts: 'backoff' }));
  await expect.poll(() => rig.tokens.status(id)).not.toHaveProperty('isPaused');
  await rig.keeper(id).terminate();
});

it('a group that no worker serves is found without a file, long before a token of it is about to expire', async () => {
  const id = 'stuck/group';
  await rig.keepers.apply({ ...rig.stack.spec('klavi', id), group: 'unserved' });
  await expect
    .poll(() => rig.examine())
    .toContainEqual({
      level: 'fail',
      check: 'worker',
      subject: 'evertoken.klavi.unserved',
      problem: 'none',
      text: 'none on task queue evertoken.klavi.unserved; only workers whose EVERTOKEN_RATE_LIMITS names klavi/unserved serve it',
      repair: 'evertoken worker',
    });
  await rig.keeper(id).terminate();
});

it('an examination ends when its time is over, and says so, while Temporal hangs', async () => {
  const proxy = await HoldingProxy.open(rig.env['TEMPORAL_ADDRESS'] ?? '');
  try {
    const env = { ...rig.env, TEMPORAL_ADDRESS: proxy.address };
    const found = await rig.examine(undefined, env, 1_500, () => proxy.hold());
    expect(found.at(-1)).toEqual({
      level: 'fail',
      check: 'server',
      problem: 'slow',
      text: 'not done within 1s; allow more with --timeout',
    });
    expect(exitCodeOfFindings(found)).toBe(5);
  } finally {
    await proxy.close();
  }
});

it('a server that falls silent is told as that, and no worker is blamed', async () => {
  const proxy = await HoldingProxy.open(rig.env['TEMPORAL_ADDRESS'] ?? '');
  try {
    const env = { ...rig.env, TEMPORAL_ADDRESS: proxy.address };
    const found = await rig.examine(undefined, env, 2 * TEMPORAL_CALL_DEADLINE_MS, () =>
      proxy.hold(),
    );
    expect(found.at(-1)).toEqual({
      level: 'fail',
      check: 'server',
      problem: 'unreachable',
      text: 'temporal does not answer in time',
    });
  } finally {
    await proxy.close();
  }
});

it('a server that cannot be reached is a finding, and exits with 5', async () => {
  const found = await rig.examine(
    undefined,
    { ...rig.env, TEMPORAL_ADDRESS: '127.0.0.1:1' },
    1_000,
  );
  expect(found).toMatchObject([{ level: 'fail', check: 'server', problem: 'unreachable' }]);
  expect(exitCodeOfFindings(found)).toBe(5);
});

describe('without a worker', () => {
  beforeEach(() => rig.stack.stopWorkers());
  afterEach(() => rig.stack.startWorkers());

  it('an overdue keeper is found without asking it, and a worker repairs it', async () => {
    const id = 'stuck/overdue';
    const nowMs = Date.now();
    const seedToken = { value: 'old', tokenType: 'Bearer', issuedAtMs: 0, expiresAtMs: nowMs - 1 };
    await rig.keepers.apply({ ...rig.stack.spec('klavi', id), seedToken });
    expect(await rig.troubleOf(id)).toMatchObject({
      level: 'fail',
      problem: 'expired',
      text: expect.stringMatching(
        /^stuck\/overdue expired \d+s ago; no worker on task queue evertoken has taken its refresh$/,
      ) as string,
      repair: 'evertoken worker',
    });
    await rig.stack.startWorkers();
    await expect.poll(() => rig.troubleOf(id)).toBeUndefined();
    await rig.stack.stopWorkers();
  });
});

describe('a keeper whose workflow task fails', () => {
  let changed: RunningWorker;

  async function startChangedWorker(): Promise<void> {
    const { code } = await bundleWorkflowCode({
      workflowsPath: CHANGED_KEEPER,
      failureConverterPath: FAILURE_CONVERTER_PATH,
      logger: new DefaultLogger('ERROR'),
    });
    changed = await startTestWorker(rig.stack.namespace, {
      taskQueue: KEEPER_TASK_QUEUE,
      options: {
        workflowBundle: { code },
        dataConverter: createDataConverter(rig.stack.config.encryption),
      },
    });
  }

  it('is found by its cause, and is well again once the workers are rolled back', async () => {
    const id = 'stuck/deployed';
    await rig.keep(id);
    // Its token is read without a worker. Only a keeper that has done a task has a history to disagree with.
    await rig.keeper(id).query(statusQuery);
    await rig.stack.stopWorkers();
    await startChangedWorker();
    await rig.keepers.forceRefresh(id, forceRequest({ cuts: 'retry-after' }));
    // Workers are there, so none need be started. A slow machine takes a while until the task has failed.
    const refusal = (): Promise<unknown> =>
      rig.session.reader
        .ensureFresh(id, { generation: 1, afterGeneration: 0, minValidityMs: 0 })
        .catch((error: unknown) => error);
    await expect
      .poll(async () => String(await refusal()), { timeout: 60_000 })
      .toContain('the keeper cannot run on its worker, whose log says why');
    await expect
      .poll(() => rig.troubleOf(id), { timeout: 60_000, interval: 1_000 })
      .toMatchObject({
        level: 'fail',
        problem: 'task-failing',
        text: expect.stringMatching(
          /^stuck\/deployed cannot run: its workflow task fails \[attempt=\d+, cause=NON_DETERMINISTIC_ERROR\].* roll the workers back/,
        ) as string,
      });
    await changed.stop();
    await rig.stack.startWorkers();
    await expect
      .poll(() => rig.troubleOf(id), { timeout: 60_000, interval: 1_000 })
      .toBeUndefined();
    await expect.poll(async () => (await rig.tokens.status(id)).generation).toBe(1);
  }, 150_000);
});
