import { describe, expect, it } from 'vitest';

import { READER_WAIT_MS } from '../../src/client/numbers.js';
import { LEAD_MIN_MS } from '../../src/policy/attempt-numbers.js';
import { STICKY_TIMEOUT_MS } from '../../src/worker/numbers.js';

const TIME_FOR_A_REFRESH_MS = 10_000;

describe('the time that a task waits for the worker that has its keeper in memory', () => {
  it('leaves time to refresh before the token expires, if that worker was killed', () => {
    expect(STICKY_TIMEOUT_MS + TIME_FOR_A_REFRESH_MS).toBeLessThanOrEqual(LEAD_MIN_MS);
  });

  it('leaves time to refresh before a reader gives up, if that worker was killed', () => {
    expect(STICKY_TIMEOUT_MS + TIME_FOR_A_REFRESH_MS).toBeLessThanOrEqual(READER_WAIT_MS);
  });
});
