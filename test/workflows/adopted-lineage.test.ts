import { describe, expect, it } from 'vitest';
import type { RefreshResult } from '../../src/contract/refresh-activity.js';
import { Keeper } from '../../src/workflows/keeper.js';
import { application, NOW, result, state, token } from '../support/keeper-fixture.js';

const FILE_OF_NEW_LOGIN = application({
  material: { refreshToken: 'login-2', clientSecret: 'secret-1' },
  fingerprints: { refreshToken: 'f-login-2', clientSecret: 'f-secret-1' },
});
const ROTATED_SINCE: RefreshResult = {
  credentialId: 'acme/mail',
  lineage: 'f-login-2',
  epoch: 2,
  earlierLogins: [{ lineage: 'f-refresh-1', replacedAtMs: NOW - 1_000 }],
  generation: 9,
  token: token(),
  application: 1_000,
  waitedMs: 0,
  refreshLeadMs: 180_000,
  journalId: 'journal-1',
  replacedMaterial: { refreshToken: 'refresh-9' },
};

describe('a keeper that was reset to before a new login', () => {
  it('does not take that login from its file for a newer one than what the journal gave back', () => {
    const keeper = new Keeper(state(), true);
    keeper.succeed(ROTATED_SINCE, NOW);
    expect(keeper.apply(FILE_OF_NEW_LOGIN, NOW)).toBe('unchanged');
    expect(keeper.state).toMatchObject({
      epoch: 2,
      generation: 9,
      spec: { material: { refreshToken: 'refresh-9', clientSecret: 'secret-1' } },
    });
  });

  it('takes a login that is newer still', () => {
    const keeper = new Keeper(state(), true);
    keeper.succeed(ROTATED_SINCE, NOW);
    const fingerprints = { refreshToken: 'f-login-3', clientSecret: 'f-secret-1' };
    expect(keeper.apply(application({ fingerprints }), NOW)).toBe('reauthorized');
  });

  it('takes the login from its file where the journal gave back no material to replace', () => {
    const keeper = new Keeper(state(), true);
    keeper.succeed({ ...ROTATED_SINCE, replacedMaterial: {} }, NOW);
    expect(keeper.apply(FILE_OF_NEW_LOGIN, NOW)).toBe('reauthorized');
    expect(keeper.state.spec.material['refreshToken']).toBe('login-2');
  });

  it('remembers which logins were before the later one', () => {
    const keeper = new Keeper(state(), true);
    keeper.succeed(ROTATED_SINCE, NOW);
    expect(keeper.apply(application(), NOW)).toMatchObject({
      refused: { reason: 'replaced-login' },
    });
  });
});

describe('a keeper to which corrected settings were applied during a request', () => {
  const CORRECTED = application({ config: { issuer: 'https://new.example' } });

  it('tells the journal of them after it, so that a keeper that forgets them sends nothing with the old ones', () => {
    const keeper = new Keeper(state(), true);
    keeper.begin(NOW);
    expect(keeper.apply(CORRECTED, NOW)).toBe('updated');
    keeper.succeed(result(), NOW + 1_000);
    expect(keeper.state).toMatchObject({ generation: 6, isUnrecorded: true });
  });

  it('does not where the journal knows of them already', () => {
    const keeper = new Keeper(state(), true);
    keeper.apply(CORRECTED, NOW);
    keeper.succeed(result({ application: CORRECTED.application }), NOW + 1_000);
    expect(keeper.state.isUnrecorded).toBeUndefined();
  });
});

describe('a keeper that was re-authorized during a request', () => {
  it('takes no result of the login before', () => {
    const keeper = new Keeper(state(), true);
    keeper.apply(FILE_OF_NEW_LOGIN, NOW);
    const before = keeper.state;
    keeper.succeed({ ...ROTATED_SINCE, lineage: 'f-refresh-1', epoch: 1 }, NOW);
    expect(keeper.state).toBe(before);
  });
});
