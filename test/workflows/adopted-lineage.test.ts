import { describe, expect, it } from 'vitest';
import type { RefreshResult } from '../../src/contract/refresh-activity.js';
import { Keeper } from '../../src/workflows/keeper.js';
import { NOW, spec, state, token } from '../policy/keeper-fixture.js';

const FILE_OF_NEW_LOGIN = spec({
  material: { refreshToken: 'login-2', clientSecret: 'secret-1' },
  fingerprints: { refreshToken: 'f-login-2', clientSecret: 'f-secret-1' },
});
const ROTATED_SINCE: RefreshResult = {
  epoch: 2,
  appliedFingerprint: 'f-login-2',
  generation: 9,
  token: token(),
  replacedMaterial: { refreshToken: 'refresh-9' },
};

describe('a keeper that was reset to before a new login', () => {
  it('does not take that login from its file for a newer one than what the journal gave back', () => {
    const keeper = new Keeper(state());
    keeper.succeed(ROTATED_SINCE, 0.5, NOW);
    expect(keeper.apply(FILE_OF_NEW_LOGIN, 0.5, NOW)).toBe('unchanged');
    expect(keeper.state).toMatchObject({
      epoch: 2,
      generation: 9,
      spec: { material: { refreshToken: 'refresh-9', clientSecret: 'secret-1' } },
    });
  });

  it('takes a login that is newer still', () => {
    const keeper = new Keeper(state());
    keeper.succeed(ROTATED_SINCE, 0.5, NOW);
    const fingerprints = { refreshToken: 'f-login-3', clientSecret: 'f-secret-1' };
    expect(keeper.apply(spec({ fingerprints }), 0.5, NOW)).toBe('reauthorized');
  });

  it('takes the login from its file where the journal gave back no material to replace', () => {
    const keeper = new Keeper(state());
    keeper.succeed({ ...ROTATED_SINCE, replacedMaterial: {} }, 0.5, NOW);
    expect(keeper.apply(FILE_OF_NEW_LOGIN, 0.5, NOW)).toBe('reauthorized');
    expect(keeper.state.spec.material['refreshToken']).toBe('login-2');
  });

  it('takes the login from its file where an older worker journaled the answer', () => {
    const { appliedFingerprint: _unknown, ...journaledBefore } = ROTATED_SINCE;
    const keeper = new Keeper(state());
    keeper.succeed(journaledBefore, 0.5, NOW);
    expect(keeper.apply(FILE_OF_NEW_LOGIN, 0.5, NOW)).toBe('reauthorized');
  });
});
