import { describe, expect, it } from 'vitest';
import type { FailureSummary } from '../../src/contract/failures.js';
import { applied, resumed, startingState } from '../../src/policy/apply.js';
import { NOW, spec, state, token } from './keeper-fixture.js';

const failure: FailureSummary = {
  type: 'PermanentRefreshError',
  provider: 'oauth2',
  code: 'invalid_grant',
  atMs: NOW,
  action: 'obtain new material',
};
const { wantedSinceMs: _none, ...idle } = state();

describe('a credential that is applied for the first time', () => {
  it('is refreshed at once when it brings no token', () => {
    const started = startingState(spec(), { keeperId: 'k', jitter: 0 }, NOW);
    expect(started).toMatchObject({ generation: 0, epoch: 1, status: 'retrying' });
    expect(started.nextRefreshAtMs).toBe(NOW);
    expect(started.token).toBeUndefined();
  });

  it('serves the token that its material already contains until that needs a refresh', () => {
    const seedToken = token();
    const started = startingState(spec({ seedToken }), { keeperId: 'k', jitter: 0 }, NOW);
    expect(started).toMatchObject({ generation: 0, status: 'fresh', token: seedToken });
    expect(started.nextRefreshAtMs).toBe(NOW + 1_620_000);
  });

  it('is shown as expired when the token that it brings has expired', () => {
    const seedToken = token({ issuedAtMs: NOW - 10_000, expiresAtMs: NOW - 1 });
    expect(startingState(spec({ seedToken }), { keeperId: 'k', jitter: 0 }, NOW).status).toBe(
      'expired',
    );
  });
});

describe('a credential that is applied to a running keeper', () => {
  it('changes nothing when it is the same file after five rotations', () => {
    const before = state();
    expect(applied(before, spec(), 0, NOW)).toEqual({ state: before, outcome: 'unchanged' });
  });

  it('changes nothing when only the order of its settings differs', () => {
    const before = state({ spec: spec({ config: { a: 1, b: { c: 2, d: [3] } } }) });
    const again = spec({ config: { b: { d: [3], c: 2 }, a: 1 } });
    expect(applied(before, again, 0, NOW).outcome).toBe('unchanged');
  });

  it('replaces only the client secret when only that changed', () => {
    const { state: after, outcome } = applied(
      state(),
      spec({
        material: { refreshToken: 'refresh-1', clientSecret: 'secret-2' },
        fingerprints: { refreshToken: 'f-refresh-1', clientSecret: 'f-secret-2' },
      }),
      0,
      NOW,
    );
    expect(outcome).toBe('updated');
    expect(after.spec.material).toEqual({ refreshToken: 'refresh-5', clientSecret: 'secret-2' });
    expect(after.epoch).toBe(1);
  });

  it('opens a new epoch when the refresh token changed, and keeps serving the old token meanwhile', () => {
    const { state: after, outcome } = applied(
      state({ lastFailure: failure, doubtSinceMs: NOW }),
      spec({
        material: { refreshToken: 'refresh-new', clientSecret: 'secret-1' },
        fingerprints: { refreshToken: 'f-refresh-new', clientSecret: 'f-secret-1' },
      }),
      0,
      NOW,
    );
    expect(outcome).toBe('reauthorized');
    expect(after).toMatchObject({ epoch: 2, generation: 5, nextRefreshAtMs: NOW, token: token() });
    expect(after.spec.material['refreshToken']).toBe('refresh-new');
    expect(after.lastFailure).toBeUndefined();
    expect(after.doubtSinceMs).toBeUndefined();
  });

  it('forgets when the old material expires as soon as there is new material', () => {
    const fingerprints = { refreshToken: 'f-new', clientSecret: 'f-secret-1' };
    const before = state({ token: token({ materialExpiresAtMs: NOW + 60_000 }) });
    expect(applied(before, spec({ fingerprints }), 0, NOW).state.token).toEqual(token());
  });

  it('is a later generation when the new material already contains a token', () => {
    const seedToken = token({ value: 'access-new' });
    const fingerprints = { refreshToken: 'f-new', clientSecret: 'f-secret-1' };
    const { state: after } = applied(state(), spec({ seedToken, fingerprints }), 0, NOW);
    expect(after).toMatchObject({ generation: 6, token: seedToken });
    expect(after.nextRefreshAtMs).toBe(NOW + 1_620_000);
  });

  it('drops the token and the material of another provider', () => {
    const other = spec({ provider: 'klavi', material: { accessToken: 'a' }, fingerprints: {} });
    const { state: after } = applied(state(), other, 0, NOW);
    expect(after.token).toBeUndefined();
    expect(after.spec.material).toEqual({ accessToken: 'a' });
  });

  it('moves the next refresh when only the lead changed', () => {
    const { state: after, outcome } = applied(
      state(),
      spec({ timing: { leadMs: 60_000 } }),
      0,
      NOW,
    );
    expect(outcome).toBe('updated');
    expect(after.nextRefreshAtMs).toBe(NOW + 1_740_000);
  });

  it('wakes a keeper that waits for a repair', () => {
    const before = state({
      lastFailure: { ...failure, type: 'ClientRejectedError' },
      wantedSinceMs: NOW,
    });
    const { state: after } = applied(
      before,
      spec({ config: { issuer: 'https://b.example' } }),
      0,
      NOW,
    );
    expect(after.pendingForce).toEqual({ requestedAtMs: NOW, overrideRetryAfter: false });
  });
});

describe('a credential that is applied to a closed keeper', () => {
  it('is refused when it failed, nothing changed and its provider rotates: the material was spent', () => {
    const result = resumed(state({ status: 'failed', lastFailure: failure }), spec(), 0, NOW);
    expect(result).toEqual({ refused: expect.stringContaining('invalid_grant') as string });
  });

  it('starts again when it failed and its settings changed: a wrong address spends nothing', () => {
    const previous = state({ status: 'failed', lastFailure: failure });
    const result = resumed(previous, spec({ config: { issuer: 'https://b.example' } }), 0, NOW);
    expect(result).toMatchObject({ outcome: 'restarted', state: { nextRefreshAtMs: NOW } });
  });

  it('starts again with its refresh token when its client secret changed: invalid_grant may have meant the client', () => {
    const previous = state({ status: 'failed', lastFailure: failure });
    const repaired = spec({
      material: { refreshToken: 'refresh-1', clientSecret: 'secret-2' },
      fingerprints: { refreshToken: 'f-refresh-1', clientSecret: 'f-secret-2' },
    });
    expect(resumed(previous, repaired, 0, NOW)).toMatchObject({
      outcome: 'restarted',
      state: {
        epoch: 1,
        nextRefreshAtMs: NOW,
        spec: { material: { refreshToken: 'refresh-5', clientSecret: 'secret-2' } },
      },
    });
  });

  it('starts again unchanged when its provider does not rotate', () => {
    const traits = { spentField: 'refreshToken', rotates: false };
    const previous = state({ status: 'failed', lastFailure: failure, spec: spec({ traits }) });
    expect(resumed(previous, spec({ traits }), 0, NOW)).toMatchObject({ outcome: 'restarted' });
  });

  it('goes on with the newest material and generation when it was stopped', () => {
    const result = resumed({ ...idle, status: 'stopped' }, spec(), 0, NOW);
    expect(result).toMatchObject({
      outcome: 'restarted',
      state: { generation: 5, epoch: 1, status: 'fresh', nextRefreshAtMs: NOW + 1_600_000 },
    });
    expect('state' in result && result.state.spec.material['refreshToken']).toBe('refresh-5');
    expect('state' in result && result.state.doubtSinceMs).toBeUndefined();
  });

  it('says that a request may be open when the keeper was terminated', () => {
    const result = resumed(state({ status: 'fresh' }), spec(), 0, NOW);
    expect(result).toMatchObject({ state: { doubtSinceMs: NOW - 100 } });
  });

  it('is revived by new material, generation going on and epoch one higher', () => {
    const previous = state({ status: 'failed', lastFailure: failure });
    const fingerprints = { refreshToken: 'f-new', clientSecret: 'f-secret-1' };
    const result = resumed(previous, spec({ fingerprints }), 0, NOW);
    expect(result).toMatchObject({
      outcome: 'reauthorized',
      state: { generation: 5, epoch: 2, failureStreak: 0 },
    });
  });
});
