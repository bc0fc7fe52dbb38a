import { describe, expect, it } from 'vitest';
import type { FailureSummary } from '../../src/contract/failures.js';
import { keeperStatus, nextStatusChangeAtMs, statusAsOf } from '../../src/policy/status.js';
import { NOW, token } from '../support/keeper-fixture.js';

const rejected: FailureSummary = {
  type: 'ClientRejectedError',
  provider: 'oauth2',
  code: 'invalid_client',
  atMs: NOW,
  action: 'repair the client secret',
};

describe('the status of a keeper', () => {
  it('is fresh while the token is valid, also in the first 15 s of a refresh', () => {
    expect(keeperStatus({ token: token() }, NOW)).toBe('fresh');
    expect(keeperStatus({ token: token(), wantedSinceMs: NOW }, NOW + 14_999)).toBe('fresh');
  });

  it('is retrying once a refresh has run for 15 s, and before the first token', () => {
    expect(keeperStatus({ token: token(), wantedSinceMs: NOW }, NOW + 15_000)).toBe('retrying');
    expect(keeperStatus({}, NOW)).toBe('retrying');
  });

  it('is expired from the moment of expiry on', () => {
    expect(keeperStatus({ token: token(), wantedSinceMs: NOW }, NOW + 1_800_000)).toBe('expired');
  });

  it('is client-rejected before all else, since that names the cause', () => {
    expect(keeperStatus({ token: token(), lastFailure: rejected }, NOW + 9_000_000)).toBe(
      'client-rejected',
    );
  });

  it('changes by itself at 15 s and at expiry, whichever comes next', () => {
    const facts = { token: token(), wantedSinceMs: NOW };
    expect(nextStatusChangeAtMs(facts, NOW)).toBe(NOW + 15_000);
    expect(nextStatusChangeAtMs(facts, NOW + 15_000)).toBe(NOW + 1_800_000);
    expect(nextStatusChangeAtMs(facts, NOW + 1_800_000)).toBeUndefined();
    expect(nextStatusChangeAtMs({ ...facts, lastFailure: rejected }, NOW)).toBeUndefined();
  });
});

describe('the status that a reader sees of what a keeper has published', () => {
  it.each(['fresh', 'retrying'] as const)(
    'is expired in place of %s once the token is',
    (status) => {
      expect(statusAsOf(status, NOW + 60_000, NOW + 59_999)).toBe(status);
      expect(statusAsOf(status, NOW + 60_000, NOW + 60_000)).toBe('expired');
    },
  );

  it.each(['client-rejected', 'failed', 'stopped'] as const)(
    'stays %s, since that says more than an expiry',
    (status) => {
      expect(statusAsOf(status, NOW + 60_000, NOW + 60_000)).toBe(status);
    },
  );
});
