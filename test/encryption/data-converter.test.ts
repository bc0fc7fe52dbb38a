import { fileURLToPath } from 'node:url';
import { Context } from '@temporalio/activity';
import { WorkflowFailedError, WorkflowUpdateFailedError } from '@temporalio/client';
import type { WorkflowHandle } from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { createDataConverter } from '../../src/encryption/data-converter.js';
import { KeyRing, generateKey } from '../../src/encryption/key-ring.js';
import { openTestNamespace } from '../support/test-namespace.js';
import type { TestNamespace } from '../support/test-namespace.js';
import { startTestWorker } from '../support/test-worker.js';
import type { RunningWorker } from '../support/test-worker.js';
import { cutSignal, goSignal, noteUpdate, notesQuery, probe } from './probe-workflow.js';

const CANARY = 'CANARY';
const TASK_QUEUE = 'probe';

const activities = {
  answer: (input: string) => {
    Context.current().heartbeat(`heartbeat ${input}`);
    return Promise.resolve(`answer ${input}`);
  },
  fail: (input: string): Promise<void> => {
    Context.current().heartbeat(`heartbeat ${input}`);
    return Promise.reject(
      ApplicationFailure.create({ message: `failed ${input}`, details: [{ detail: input }] }),
    );
  },
};
export type ProbeActivities = typeof activities;

let namespace: TestNamespace;
let worker: RunningWorker;

beforeAll(async () => {
  const dataConverter = createDataConverter({
    keyRing: KeyRing.parse(generateKey()),
    allowPlaintext: false,
  });
  namespace = await openTestNamespace({ dataConverter });
  worker = await startTestWorker(namespace, {
    taskQueue: TASK_QUEUE,
    activities,
    options: {
      dataConverter,
      workflowsPath: fileURLToPath(new URL('./probe-workflow.ts', import.meta.url)),
    },
  });
});

afterAll(async () => {
  await worker.stop();
  await namespace.close();
});

/** All that the server has on record of a run, its history and its pending activities, with base64 read too. */
async function recordOf(handle: WorkflowHandle): Promise<string> {
  const { raw } = await handle.describe();
  const json = JSON.stringify([await handle.fetchHistory(), raw]);
  const strings = [...json.matchAll(/"([^"]+)"/g)].map(([, text = '']) => text);
  return [json, ...strings.map((text) => Buffer.from(text, 'base64').toString('latin1'))].join();
}

function expectSealed(record: string): void {
  expect(record).toContain('binary/encrypted');
  expect(record).not.toContain(CANARY);
}

/** Waits until the failing activity waits for its next attempt. */
async function inBackoff(handle: WorkflowHandle): Promise<void> {
  await vi.waitFor(
    async () => {
      const { raw } = await handle.describe();
      const [pending] = raw.pendingActivities ?? [];
      expect(pending?.lastFailure).toBeTruthy();
    },
    { timeout: 60_000, interval: 100 },
  );
}

describe('createDataConverter', () => {
  it('carries every kind of payload, and the server never sees one in clear', async () => {
    const handle = await namespace.client.workflow.start(probe, {
      workflowId: 'probe',
      taskQueue: TASK_QUEUE,
      args: [CANARY, 0],
      memo: { note: CANARY },
      staticSummary: `summary ${CANARY}`,
      staticDetails: `details ${CANARY}`,
    });
    const newest = namespace.client.workflow.getHandle('probe');

    expect(await handle.executeUpdate(noteUpdate, { args: [`note ${CANARY}`] })).toBe(
      `note ${CANARY}`,
    );
    const refused: unknown = await handle
      .executeUpdate(noteUpdate, { args: [`bad ${CANARY}`] })
      .catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(WorkflowUpdateFailedError);
    expect((refused as WorkflowUpdateFailedError).cause?.message).toBe(`bad ${CANARY}`);

    await inBackoff(handle);
    expect(await handle.query('__stack_trace')).toContain('probe');
    expect(await handle.query('__temporal_workflow_metadata')).toMatchObject({
      currentDetails: `details ${CANARY}`,
    });
    expect((await handle.describe()).memo).toEqual({ note: CANARY });
    expectSealed(await recordOf(handle));

    await handle.signal(cutSignal);
    await vi.waitFor(async () =>
      expect(await handle.query(notesQuery, `query ${CANARY}`)).toEqual([
        `query ${CANARY}`,
        CANARY,
        `note ${CANARY}`,
        `answer ${CANARY}`,
        ['CancelledFailure', ['ACTIVITY_ID_NOT_STARTED']],
      ]),
    );
    await handle.signal(goSignal, `go ${CANARY}`);

    await inBackoff(newest);
    await newest.signal(cutSignal);
    await newest.signal(goSignal, `go ${CANARY}`);
    const failed: unknown = await handle.result().catch((error: unknown) => error);
    expect(failed).toBeInstanceOf(WorkflowFailedError);
    expect((failed as WorkflowFailedError).cause).toMatchObject({
      message: `failed ${CANARY}`,
      type: 'Probe',
      details: [{ detail: CANARY }],
    });
    expectSealed(await recordOf(newest));
  });
});
