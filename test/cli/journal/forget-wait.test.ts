import { msToTs } from '@temporalio/common/lib/time.js';
import { expect, it } from 'vitest';
import { attemptWaitMs, isLongOver } from '../../../src/cli/journal/forget.js';

const ENDED_AT_MS = 1_800_000_000_000;

function run(activityType: string, startedBeforeMs?: number) {
  const lastStartedTime =
    startedBeforeMs === undefined ? null : msToTs(ENDED_AT_MS - startedBeforeMs);
  const pendingActivities = [{ activityType: { name: activityType }, lastStartedTime }];
  return { endedAtMs: ENDED_AT_MS, description: { pendingActivities } };
}

it.each([
  ['a refresh that began 4 s before the end', run('refreshToken', 4_000), 35_000],
  ['a revocation that began then', run('revokeToken', 4_000), 55_000],
  ['a refresh whose last attempt was over', run('refreshToken', 60_000), 0],
  ['a refresh that no worker has begun', run('refreshToken'), 0],
])(
  'forget waits for %s by the server’s times, whatever the clock here says',
  (_what, at, waitMs) => {
    expect(attemptWaitMs(at as Parameters<typeof attemptWaitMs>[0])).toBe(waitMs);
  },
);

it('forget waits for nothing where nothing was under way', () => {
  expect(attemptWaitMs({ endedAtMs: ENDED_AT_MS, description: {} })).toBe(0);
});

it('forget waits whole where the server does not say when the run ended', () => {
  const { description } = run('refreshToken', 4_000);
  expect(attemptWaitMs({ description })).toBe(39_000);
});

it('forget waits for no attempt of a run that ended long ago, by any clock that is less than 10 minutes off', () => {
  const ended = { endedAtMs: ENDED_AT_MS };
  expect(isLongOver(ended, ENDED_AT_MS + 10 * 60_000)).toBe(false);
  expect(isLongOver(ended, ENDED_AT_MS - 3_600_000)).toBe(false);
  expect(isLongOver(ended, ENDED_AT_MS + 11 * 60_000)).toBe(true);
  expect(isLongOver({}, ENDED_AT_MS)).toBe(false);
});
