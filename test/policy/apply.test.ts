import { describe, expect, it } from 'vitest';
import type { FailureSummary } from '../../src/contract/failures.js';
import type { KeeperState } from '../../src/contract/keeper.js';
import type { ApplyRequest } from '../../src/contract/messages.js';
import { withResult } from '../../src/policy/adopted-result.js';
import { applied, type Applied } from '../../src/policy/apply.js';
import { withBegunRefresh } from '../../src/policy/begun-refresh.js';
import { nextStartAtMs, pendingForceAfter } from '../../src/policy/forced-refresh.js';
import { publishedAnswer } from '../../src/policy/published-answer.js';
import { keeperStatus } from '../../src/policy/status.js';
import { refreshRequest } from '../../src/workflows/refresh-request.js';
import { beginningState, resumed, startingState } from '../../src/policy/beginning.js';
import { application, NOW, result, spec, state, token } from '../support/keeper-fixture.js';

const failure: FailureSummary = {
  type: 'PermanentRefreshError',
  provider: 'oauth2',
  code: 'invalid_grant',
  atMs: NOW,
  action: 'obtain new material',
};
const LEAD = { shareOfLife: 0, leastMs: 180_000, mostMs: 180_000 };

const REPAIRED = {
  material: { refreshToken: 'refresh-1', clientSecret: 'secret-2' },
  fingerprints: { refreshToken: 'f-refresh-1', clientSecret: 'f-secret-2' },
};

/** What an application makes of a keeper that does not refuse it. */
function taken(before: KeeperState, request: ApplyRequest, nowMs = NOW): Applied {
  const next = applied(before, request, nowMs);
  if ('refused' in next) throw new Error(next.refused.message);
  return next;
}

describe('a credential that is applied for the first time', () => {
  it('is refreshed at once when it brings no token', () => {
    const started = startingState(application(), NOW);
    expect(started).toMatchObject({ generation: 0, epoch: 1, status: 'retrying' });
    expect(started.nextRefreshAtMs).toBe(NOW);
    expect(started.token).toBeUndefined();
  });

  it('serves the token that its material already contains until that needs a refresh', () => {
    const seedToken = token();
    const started = startingState(application({ seedToken, seedLead: LEAD }), NOW);
    expect(started).toMatchObject({ generation: 0, status: 'fresh', token: seedToken });
    expect(started.nextRefreshAtMs).toBe(NOW + 1_620_000);
  });

  it('takes its token for issued now where the clock of whoever applied it is ahead', () => {
    const seedToken = token({ issuedAtMs: NOW + 60_000 });
    expect(startingState(application({ seedToken }), NOW).token?.issuedAtMs).toBe(NOW);
  });

  it('is shown as expired when the token that it brings has expired', () => {
    const seedToken = token({ issuedAtMs: NOW - 10_000, expiresAtMs: NOW - 1 });
    expect(startingState(application({ seedToken, seedLead: LEAD }), NOW).status).toBe('expired');
  });
});

describe('a credential that is applied to a running keeper', () => {
  it('dates the token that the file brought anew where the file is corrected', () => {
    const wrong = token({ expiresAtMs: NOW + 100 * 1_800_000 });
    const before = startingState(application({ seedToken: wrong, seedLead: LEAD }), NOW);
    const fingerprints = { ...spec().fingerprints, expiresAt: 'f-corrected' };
    const corrected = application(
      { seedToken: token(), seedLead: LEAD, fingerprints },
      { application: 3_000 },
    );
    expect(taken(before, corrected).state).toMatchObject({
      token: token(),
      nextRefreshAtMs: NOW + 1_620_000,
    });
  });

  it('leaves the token that the file brought as it is dated where the file says nothing else of it', () => {
    const before = startingState(application({ seedToken: token(), seedLead: LEAD }), NOW);
    const seedToken = token({ issuedAtMs: NOW + 60_000 });
    const regrouped = application(
      { seedToken, seedLead: LEAD, group: 'acme' },
      { application: 3_000 },
    );
    const { state: after } = taken(before, regrouped, NOW + 60_000);
    expect(after).toMatchObject({ token: token(), nextRefreshAtMs: before.nextRefreshAtMs });
  });

  it('wants no refresh any more where a corrected expiry puts it off, so that a service’s force counts again', () => {
    const expired = token({ issuedAtMs: NOW - 10_000, expiresAtMs: NOW - 1 });
    const started = startingState(application({ seedToken: expired, seedLead: LEAD }), NOW);
    const { state: refreshing } = withBegunRefresh(started, NOW);
    const fingerprints = { ...spec().fingerprints, expiresAt: 'f-corrected' };
    const { state: after } = taken(
      refreshing,
      application({ seedToken: token(), seedLead: LEAD, fingerprints }, { application: 3_000 }),
    );
    expect(refreshing.status).toBe('expired');
    expect(after).toMatchObject({ status: 'fresh', nextRefreshAtMs: NOW + 1_620_000 });
    const later = NOW + 60_000;
    expect(keeperStatus(after, later)).toBe('fresh');
    expect(publishedAnswer(after, later).awaitsRefresh).toBe(false);
    const wish = { generation: after.generation };
    expect(pendingForceAfter(after, wish, later)).toMatchObject({ requestedAtMs: later });
  });

  it('keeps what rotation has brought, also when the file names another provider for the same secret', () => {
    const before = state();
    const next = taken(before, application({ provider: 'abitmedia' })).state;
    expect(next.spec.material['refreshToken']).toBe(before.spec.material['refreshToken']);
  });

  it('changes nothing but the number of the last application when it is the same file after five rotations', () => {
    const before = state();
    const request = application();
    expect(applied(before, request, NOW)).toEqual({
      state: { ...before, application: request.application },
      outcome: 'unchanged',
    });
  });

  it('changes nothing when only the order of its settings differs', () => {
    const before = state({ spec: spec({ config: { a: 1, b: { c: 2, d: [3] } } }) });
    const again = { config: { b: { d: [3], c: 2 }, a: 1 } };
    expect(taken(before, application(again)).outcome).toBe('unchanged');
  });

  it('replaces only the client secret when only that changed', () => {
    const { state: after, outcome } = taken(
      state(),
      application({
        material: { refreshToken: 'refresh-1', clientSecret: 'secret-2' },
        fingerprints: { refreshToken: 'f-refresh-1', clientSecret: 'f-secret-2' },
      }),
    );
    expect(outcome).toBe('updated');
    expect(after.spec.material).toEqual({ refreshToken: 'refresh-5', clientSecret: 'secret-2' });
    expect(after.epoch).toBe(1);
  });

  it('opens a new epoch when the refresh token changed, and keeps serving the old token meanwhile', () => {
    const { state: after, outcome } = taken(
      state({ lastFailure: failure, doubtSinceMs: NOW }),
      application({
        material: { refreshToken: 'refresh-new', clientSecret: 'secret-1' },
        fingerprints: { refreshToken: 'f-refresh-new', clientSecret: 'f-secret-1' },
      }),
    );
    expect(outcome).toBe('reauthorized');
    expect(after).toMatchObject({ epoch: 2, generation: 5, nextRefreshAtMs: NOW, token: token() });
    expect(after.journalId).toBe('journal-1');
    expect(after.spec.material['refreshToken']).toBe('refresh-new');
    expect(after.lastFailure).toBeUndefined();
    expect(after.doubtSinceMs).toBeUndefined();
  });

  it('forgets when the old material expires as soon as there is new material', () => {
    const fingerprints = { refreshToken: 'f-new', clientSecret: 'f-secret-1' };
    const before = state({ token: token({ materialExpiresAtMs: NOW + 60_000 }) });
    expect(taken(before, application({ fingerprints })).state.token).toEqual(token());
  });

  it('is a later generation when the new material already contains a token', () => {
    const seedToken = token({ value: 'access-new' });
    const fingerprints = { refreshToken: 'f-new', clientSecret: 'f-secret-1' };
    const { state: after } = taken(
      state(),
      application({ seedToken, fingerprints, seedLead: LEAD }),
    );
    expect(after).toMatchObject({ generation: 6, token: seedToken });
    expect(after.nextRefreshAtMs).toBe(NOW + 1_620_000);
  });

  it('drops the token and the material of another provider', () => {
    const other = { provider: 'klavi', material: { accessToken: 'a' }, fingerprints: {} };
    const { state: after } = taken(state(), application(other));
    expect(after.token).toBeUndefined();
    expect(after.spec.material).toEqual({ accessToken: 'a' });
  });

  it('moves the next refresh when only the lead changed', () => {
    const { state: after, outcome } = taken(state(), application({ timing: { leadMs: 60_000 } }));
    expect(outcome).toBe('updated');
    expect(after.nextRefreshAtMs).toBe(NOW + 1_740_000);
  });

  it('takes over a changed group, and leaves the refresh where it was', () => {
    const { state: after, outcome } = taken(state(), application({ group: 'acme' }));
    expect(outcome).toBe('updated');
    expect(after.spec.group).toBe('acme');
    expect(after.nextRefreshAtMs).toBe(state().nextRefreshAtMs);
    expect(taken(after, application({ group: 'acme' }, { application: 3_000 })).outcome).toBe(
      'unchanged',
    );
  });

  it('wakes a keeper that waits for a repair', () => {
    const before = state({
      lastFailure: { ...failure, type: 'ClientRejectedError' },
      wantedSinceMs: NOW,
    });
    const { state: after } = taken(
      before,
      application({ config: { issuer: 'https://b.example' } }),
    );
    expect(after.pendingForce).toEqual({ requestedAtMs: NOW, generation: 5, cuts: 'backoff' });
  });

  const rejected = state({
    status: 'client-rejected',
    lastFailure: { ...failure, type: 'ClientRejectedError', code: 'invalid_client' },
    wantedSinceMs: NOW,
  });

  it.each([
    [
      'another client secret',
      {
        material: { refreshToken: 'refresh-1', clientSecret: 'secret-2' },
        fingerprints: { refreshToken: 'f-refresh-1', clientSecret: 'f-secret-2' },
      },
    ],
    ['another configuration', { config: { issuer: 'https://b.example' } }],
  ])(
    'is no longer shown as rejected once it has %s: the next failure is told, whatever that is',
    (_what, change) => {
      const { state: after } = taken(rejected, application(change));
      expect(after.lastFailure).toBeUndefined();
      expect(after.status).toBe('fresh');
      const { state: begun } = withBegunRefresh(after, NOW);
      expect(keeperStatus(begun, NOW)).toBe('fresh');
      expect(refreshRequest(begun, 'forced')).not.toHaveProperty('isClientRejected');
    },
  );

  it('stays shown as rejected where nothing changed that the rejection was about', () => {
    for (const change of [{}, { group: 'acme' }, { timing: { leadMs: 60_000 } }]) {
      const { state: after } = taken(rejected, application(change));
      expect(after).toMatchObject({
        status: 'client-rejected',
        lastFailure: { code: 'invalid_client' },
      });
    }
  });
});

describe('a credential that is applied to a closed keeper', () => {
  it('is refused when it failed, nothing changed and its provider rotates: the material was spent', () => {
    const previous = state({ status: 'failed', lastFailure: failure });
    const result = resumed(previous, application(), NOW);
    expect(result).toMatchObject({
      refused: {
        reason: 'refused-material',
        message: expect.stringContaining('invalid_grant') as string,
      },
    });
  });

  it('is refused when it failed and nothing but its group and timing changed: the material would be spent the same', () => {
    const previous = state({ status: 'failed', lastFailure: failure });
    const regrouped = application({ group: 'acme', timing: { leadMs: 60_000 } });
    expect(resumed(previous, regrouped, NOW)).toMatchObject({
      refused: { reason: 'refused-material' },
    });
  });

  it('starts again when it failed and its settings changed: a wrong address spends nothing', () => {
    const previous = state({ status: 'failed', lastFailure: failure });
    const result = resumed(previous, application({ config: { issuer: 'https://b.example' } }), NOW);
    expect(result).toMatchObject({ outcome: 'restarted', state: { nextRefreshAtMs: NOW } });
  });

  it('starts again with its refresh token when its client secret changed: invalid_grant may have meant the client', () => {
    const previous = state({ status: 'failed', lastFailure: failure });
    const repaired = {
      material: { refreshToken: 'refresh-1', clientSecret: 'secret-2' },
      fingerprints: { refreshToken: 'f-refresh-1', clientSecret: 'f-secret-2' },
    };
    expect(resumed(previous, application(repaired), NOW)).toMatchObject({
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
    expect(resumed(previous, application({ traits }), NOW)).toMatchObject({ outcome: 'restarted' });
  });

  it('goes on with the newest material and generation when it was stopped', () => {
    const result = resumed(state({ status: 'stopped' }), application(), NOW);
    expect(result).toMatchObject({
      outcome: 'restarted',
      state: { generation: 5, epoch: 1, status: 'fresh', nextRefreshAtMs: NOW + 1_600_000 },
    });
    expect('state' in result && result.state.spec.material['refreshToken']).toBe('refresh-5');
    expect('state' in result && result.state.doubtSinceMs).toBeUndefined();
  });

  it.each([
    ['stopped', {}],
    ['stopped', REPAIRED],
    ['client-rejected', {}],
    ['client-rejected', REPAIRED],
  ] as const)('tries its client at once where that was rejected, %s %j', (status, change) => {
    const previous = state({
      status,
      lastFailure: { ...failure, type: 'ClientRejectedError', code: 'invalid_client' },
      wantedSinceMs: NOW - 60_000,
      nextRefreshAtMs: NOW + 600_000,
    });
    const next = resumed(previous, application(change), NOW);
    expect('state' in next && nextStartAtMs(next.state)).toBe(NOW);
  });

  it('drops a refresh that was asked of the closed run', () => {
    const pendingForce = { requestedAtMs: NOW - 100, generation: 5 };
    const result = resumed(state({ status: 'stopped', pendingForce }), application(), NOW);
    expect('state' in result && nextStartAtMs(result.state)).toBe(NOW + 1_600_000);
  });

  it('says that a request may be open when the keeper was terminated', () => {
    const result = resumed(state({ status: 'fresh' }), application(), NOW);
    expect(result).toMatchObject({ state: { doubtSinceMs: NOW - 100 } });
  });

  it('is revived by new material, generation going on and epoch one higher', () => {
    const previous = state({ status: 'failed', lastFailure: failure });
    const fingerprints = { refreshToken: 'f-new', clientSecret: 'f-secret-1' };
    const result = resumed(previous, application({ fingerprints }), NOW);
    expect(result).toMatchObject({
      outcome: 'reauthorized',
      state: { generation: 5, epoch: 2, failureStreak: 0 },
    });
  });
});

describe('an application that is not the newest', () => {
  it('is refused when its number is not above the last one: it may be a copy of an old one', () => {
    for (const number of [1_000, 999, 0]) {
      const result = applied(state(), application({}, { application: number }), NOW);
      expect(result).toMatchObject({ refused: { reason: 'outdated', application: 1_000 } });
    }
  });

  it('raises the number by which the next one is judged', () => {
    const request = application({ config: { issuer: 'https://b.example' } });
    expect(taken(state(), request).state.application).toBe(2_000);
  });
});

describe('a login that was replaced', () => {
  const login = (name: string): Partial<ApplyRequest['spec']> => ({
    material: { refreshToken: `refresh-${name}`, clientSecret: 'secret-1' },
    fingerprints: { refreshToken: `f-${name}`, clientSecret: 'f-secret-1' },
  });
  const second = taken(state(), application(login('b'))).state;

  it('is remembered with when it was replaced', () => {
    expect(second.earlierLogins).toEqual([{ lineage: 'f-refresh-1', replacedAtMs: NOW }]);
  });

  it('is refused when its file is applied again, and the refusal says when it was replaced', () => {
    const result = applied(second, application({}, { application: 3_000 }), NOW);
    expect(result).toMatchObject({
      refused: {
        reason: 'replaced-login',
        message: expect.stringContaining(new Date(NOW).toISOString()) as string,
      },
    });
  });

  it('is refused also by a keeper that has ended', () => {
    const stopped = { ...second, status: 'stopped' as const };
    const result = resumed(stopped, application({}, { application: 3_000 }), NOW);
    expect(result).toMatchObject({ refused: { reason: 'replaced-login' } });
  });

  it('is taken on purpose also by a keeper that does not know that it was replaced', () => {
    const forgetful = { ...state(), earlierLogins: [] };
    const again = application({}, { application: 3_000, returns: true });
    expect(taken(forgetful, again)).toMatchObject({
      outcome: 'unchanged',
      state: { returns: true },
    });
  });

  it('is taken when an operator returns to it on purpose, and the later one is then the replaced one', () => {
    const back = taken(second, application({}, { application: 3_000, returns: true })).state;
    expect(back).toMatchObject({
      returns: true,
      epoch: 3,
      earlierLogins: [{ lineage: 'f-b', replacedAtMs: NOW }],
    });
  });
});

describe('a keeper that ended with material that nobody spent', () => {
  it.each([
    'http_400',
    'http_404',
    'invalid_scope',
    'invalid_target',
    'unsupported_grant_type',
    'login_replaced',
    'settings_replaced',
  ])('is started again unchanged after %s', (code) => {
    const previous = state({ status: 'failed', lastFailure: { ...failure, code } });
    expect(resumed(previous, application(), NOW)).toMatchObject({ outcome: 'restarted' });
  });

  it.each(['invalid_grant', 'invalid_request', 'beyond_renewal'])(
    'is not started again unchanged after %s',
    (code) => {
      const previous = state({ status: 'failed', lastFailure: { ...failure, code } });
      expect(resumed(previous, application(), NOW)).toHaveProperty('refused');
    },
  );
});

describe('a keeper that ended since its material was refused in doubt', () => {
  const ended = state({
    status: 'failed',
    lastFailure: { ...failure, code: 'outcome_unknown', doubtSinceMs: NOW - 9_000 },
  });
  const FORBIDDEN = 'refusedInDoubtSinceMs';

  /** The keeper once the credential is applied to it. */
  function restarted(before: KeeperState, request = application()): KeeperState {
    const next = resumed(before, request, NOW);
    if ('refused' in next) throw new Error(next.refused.message);
    expect(next.outcome).toBe('restarted');
    return next.state;
  }

  it('is started again unchanged to ask the journal, and tells each attempt not to send that material', () => {
    const again = restarted(ended);
    expect(again).toMatchObject({ nextRefreshAtMs: NOW, [FORBIDDEN]: NOW - 9_000 });
    expect(refreshRequest(again, 'due')).toHaveProperty(FORBIDDEN, NOW - 9_000);
    const terminated = restarted(again, application({}, { application: 3_000 }));
    expect(refreshRequest(terminated, 'due')).toHaveProperty(FORBIDDEN, NOW - 9_000);
  });

  it('may send it once the settings changed, at the application or later', () => {
    const repaired = (number: number): ApplyRequest =>
      application({ config: { issuer: 'https://b.example' } }, { application: number });
    expect(restarted(ended, repaired(2_000))).not.toHaveProperty(FORBIDDEN);
    expect(taken(restarted(ended), repaired(3_000)).state).not.toHaveProperty(FORBIDDEN);
    const { state: regrouped } = taken(
      restarted(ended),
      application({ group: 'acme' }, { application: 3_000 }),
    );
    expect(regrouped).toHaveProperty(FORBIDDEN);
  });

  it('may refresh as ever once a late answer has brought other material, and not before', () => {
    const again = restarted(ended);
    expect(withResult(again, result(), NOW)).not.toHaveProperty(FORBIDDEN);
    const without = result({ replacedMaterial: { refreshToken: 'refresh-5' } });
    expect(withResult(again, without, NOW)).toHaveProperty(FORBIDDEN, NOW - 9_000);
  });
});

describe('the beginning of a run', () => {
  it('dates the first refresh by the keeper’s clock, whatever the clock of whoever applied', () => {
    const apply = application({}, { application: NOW + 600_000 });
    const begun = beginningState({ apply, useSearchAttributes: true }, NOW);
    expect(begun).toMatchObject({ nextRefreshAtMs: NOW, application: NOW + 600_000 });
  });

  it('goes on with what a closed run knew, and applies to it', () => {
    const begun = beginningState(
      { apply: application(), state: state({ status: 'stopped' }), useSearchAttributes: true },
      NOW,
    );
    expect(begun).toMatchObject({ generation: 5, application: 2_000, status: 'fresh' });
  });

  it('takes a carried state as it is', () => {
    const carried = state();
    expect(beginningState({ state: carried, useSearchAttributes: true }, NOW)).toBe(carried);
  });

  it('refreshes in time although the last refresh was dated a day ahead, as by a server’s clock that was set back since', () => {
    const carried = state({
      nextRefreshAtMs: NOW + 60_000,
      lastRefreshStartedAtMs: NOW + 86_400_000,
    });
    expect(nextStartAtMs(carried)).toBeGreaterThan(NOW + 86_400_000);
    const begun = beginningState({ state: carried, useSearchAttributes: true }, NOW);
    expect('status' in begun && nextStartAtMs(begun)).toBe(NOW + 60_000);
    const failed = { ...carried, status: 'failed' } as const;
    const again = beginningState(
      { apply: application(), state: failed, useSearchAttributes: true },
      NOW,
    );
    expect('status' in again && nextStartAtMs(again)).toBe(NOW);
  });
});
