import { describe, expect, it } from 'vitest';
import type { KeeperStatus } from '../../src/contract/keeper.js';
import { publishedAnswer, publishedAsOf } from '../../src/policy/published-answer.js';
import { NOW, state, token } from '../support/keeper-fixture.js';

const EXPIRES_AT_MS = NOW + 60_000;

/** The status that a reader sees of what was published with one. */
function readAt(status: KeeperStatus, nowMs: number): KeeperStatus {
  const kept = state({ status, token: token({ expiresAtMs: EXPIRES_AT_MS }) });
  return publishedAsOf(publishedAnswer(kept, NOW), nowMs).status;
}

describe('what a keeper has published', () => {
  it.each(['fresh', 'retrying'] as const)('as %s is expired once its token is', (status) => {
    expect(readAt(status, EXPIRES_AT_MS - 1)).toBe(status);
    expect(readAt(status, EXPIRES_AT_MS)).toBe('expired');
  });

  it.each(['client-rejected', 'failed', 'stopped'] as const)(
    'as %s stays so, since that says more than an expiry',
    (status) => {
      expect(readAt(status, EXPIRES_AT_MS)).toBe(status);
    },
  );
});
