import { describe, expect, it } from 'vitest';
import { isRunLongEnough, mustRunEnd, runEndsAtMs } from '../../src/policy/run-length.js';
import { NOW } from '../support/keeper-fixture.js';

const run = { refreshes: 0, events: 3, messages: 0, startedAtMs: NOW, suggestedByServer: false };

describe('the length of a run', () => {
  it.each([
    ['20 refreshes', { refreshes: 20 }],
    ['500 events', { events: 500 }],
    ['1,000 messages', { messages: 1_000 }],
    ['the server’s suggestion', { suggestedByServer: true }],
  ])('is enough after %s', (_name, facts) => {
    expect(isRunLongEnough(run, NOW)).toBe(false);
    expect(isRunLongEnough({ ...run, ...facts }, NOW)).toBe(true);
  });

  it('is enough after seven days', () => {
    expect(isRunLongEnough(run, NOW + 7 * 86_400_000 - 1)).toBe(false);
    expect(isRunLongEnough(run, runEndsAtMs(run))).toBe(true);
  });

  it('must end at 1,500 messages although callers wait: the server refuses the 2,001st update', () => {
    expect(mustRunEnd({ ...run, messages: 1_499 })).toBe(false);
    expect(mustRunEnd({ ...run, messages: 1_500 })).toBe(true);
  });
});
