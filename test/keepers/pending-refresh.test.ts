import type { Client } from '@temporalio/client';
import { msToTs } from '@temporalio/common/lib/time.js';
import proto from '@temporalio/proto';
import { expect, it } from 'vitest';
import { providerTaskQueue } from '../../src/contract/names.js';
import { activityWait, pendingRefresh } from '../../src/keepers/pending-refresh.js';

const { PENDING_ACTIVITY_STATE_SCHEDULED } = proto.temporal.api.enums.v1.PendingActivityState;

const waiting = { state: PENDING_ACTIVITY_STATE_SCHEDULED, scheduledTime: msToTs(1_000) };

function queueOf(name: string): string | undefined {
  return activityWait({ ...waiting, activityOptions: { taskQueue: { name } } }, 'klavi')?.taskQueue;
}

it.each(['x\u001b[31m', 'x\nok    worker', 'x\u009b', 'x y', 'x'.repeat(201)])(
  'a task queue that somebody named %j is not shown',
  (name) => {
    expect(queueOf(name)).toBe('(unreadable name)');
  },
);

it.each([
  providerTaskQueue('klavi'),
  providerTaskQueue('vmware-csp', 'acme-2'),
  providerTaskQueue('x'.repeat(63), 'y'.repeat(63)),
])('a task queue of a provider or of a group is shown: %s', (name) => {
  expect(queueOf(name)).toBe(name);
});

it('the task queue that an old server does not tell is that of the provider', () => {
  expect(queueOf('')).toBe('evertoken.klavi');
});

it('a refresh that backs off by the server’s clock waits for no worker, though its time is past by the clock here', () => {
  expect(activityWait(waiting, 'klavi')).toMatchObject({ sinceMs: 1_000 });
  expect(activityWait({ ...waiting, nextAttemptScheduleTime: msToTs(1_000) }, 'klavi')).toBe(
    undefined,
  );
});

it('a refresh that no worker takes is told as that also where the clock here is behind, if the server tells a backoff', async () => {
  const scheduledTime = msToTs(Date.now() + 600_000);
  const activityType = { name: 'refreshToken' };
  const untaken = { ...waiting, activityType, scheduledTime };
  const told = async (activity: object) => {
    const description = { pendingActivities: [activity] };
    const nobody: unknown = {};
    const answer = { id: 'acme/klavi', provider: 'klavi' };
    const refresh = await pendingRefresh(nobody as Client, description, answer);
    return refresh?.waitsForWorker?.taskQueue;
  };
  const activityOptions = { taskQueue: { name: providerTaskQueue('klavi') } };
  expect(await told({ ...untaken, activityOptions })).toBe('evertoken.klavi');
  expect(await told({ ...untaken, activityOptions, nextAttemptScheduleTime: scheduledTime })).toBe(
    undefined,
  );
  // An older server tells neither.
  expect(await told(untaken)).toBe(undefined);
});
