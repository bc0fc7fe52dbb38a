import { describe, expect, it } from 'vitest';
import {
  ATTEMPT_TIMEOUT_MS,
  HEARTBEAT_TIMEOUT_MS,
  HTTP_DEADLINE_MS,
  IN_DOUBT_GRACE_MS,
  PREPARE_DEADLINE_MS,
  SEND_WITHIN_MS,
} from '../../src/policy/attempt-numbers.js';
import { SHUTDOWN_GRACE_MS } from '../../src/worker/numbers.js';

describe('the times of an attempt', () => {
  it('leave the server no reason to start a second one while a request is on the way', () => {
    expect(ATTEMPT_TIMEOUT_MS).toBeGreaterThan(
      PREPARE_DEADLINE_MS + IN_DOUBT_GRACE_MS + HTTP_DEADLINE_MS,
    );
    expect(SEND_WITHIN_MS).toBeLessThan(HEARTBEAT_TIMEOUT_MS);
    expect(SEND_WITHIN_MS + HTTP_DEADLINE_MS).toBeLessThan(ATTEMPT_TIMEOUT_MS);
    expect(PREPARE_DEADLINE_MS).toBeLessThan(SEND_WITHIN_MS);
  });

  it('let a worker that is told to stop finish its request', () => {
    expect(SHUTDOWN_GRACE_MS).toBeGreaterThan(ATTEMPT_TIMEOUT_MS);
  });
});
