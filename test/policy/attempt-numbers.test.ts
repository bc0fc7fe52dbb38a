import { describe, expect, it } from 'vitest';
import {
  ATTEMPT_TIMEOUT_MS,
  HEARTBEAT_TIMEOUT_MS,
  HTTP_DEADLINE_MS,
  IN_DOUBT_GRACE_MS,
  PREPARE_DEADLINE_MS,
  REVOKE_SEND_WITHIN_MS,
  REVOKE_TIMEOUT_MS,
  REVOKE_WINDOW_MS,
  SEND_WITHIN_MS,
  START_CALL_DEADLINE_MS,
} from '../../src/policy/attempt-numbers.js';
import { JOURNAL_DEADLINE_MS } from '../../src/journal/numbers.js';
import { SHUTDOWN_GRACE_MS } from '../../src/worker/numbers.js';

describe('the times of an attempt', () => {
  it('leave the server no reason to start a second one while a request is on the way', () => {
    expect(ATTEMPT_TIMEOUT_MS).toBeGreaterThan(
      PREPARE_DEADLINE_MS + IN_DOUBT_GRACE_MS + HTTP_DEADLINE_MS,
    );
    expect(SEND_WITHIN_MS).toBeLessThan(HEARTBEAT_TIMEOUT_MS);
    expect(SEND_WITHIN_MS + HTTP_DEADLINE_MS).toBeLessThan(ATTEMPT_TIMEOUT_MS);
    expect(PREPARE_DEADLINE_MS).toBeLessThan(SEND_WITHIN_MS);
    expect(START_CALL_DEADLINE_MS).toBeLessThan(PREPARE_DEADLINE_MS);
  });

  it('leave a revocation room for both of its requests, a file and a look-up before, and the journal before and after', () => {
    const longest = 2 * JOURNAL_DEADLINE_MS + 2 * PREPARE_DEADLINE_MS + 2 * HTTP_DEADLINE_MS;
    expect(REVOKE_TIMEOUT_MS).toBeGreaterThan(longest);
    expect(REVOKE_SEND_WITHIN_MS).toBeGreaterThan(JOURNAL_DEADLINE_MS + 2 * PREPARE_DEADLINE_MS);
    expect(REVOKE_TIMEOUT_MS - REVOKE_SEND_WITHIN_MS).toBeGreaterThanOrEqual(
      2 * HTTP_DEADLINE_MS + JOURNAL_DEADLINE_MS,
    );
    expect(REVOKE_WINDOW_MS).toBeGreaterThan(REVOKE_TIMEOUT_MS);
  });

  it('let a worker that is told to stop finish its request', () => {
    expect(SHUTDOWN_GRACE_MS).toBeGreaterThan(ATTEMPT_TIMEOUT_MS);
    expect(SHUTDOWN_GRACE_MS).toBeGreaterThan(REVOKE_TIMEOUT_MS);
  });
});
