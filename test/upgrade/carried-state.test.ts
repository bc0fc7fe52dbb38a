import { describe, expect, it } from 'vitest';
import type { CredentialSpec } from '../../src/contract/credential.js';
import type { KeeperState } from '../../src/contract/keeper.js';
import { applied, startingState } from '../../src/policy/apply.js';
import { Keeper } from '../../src/workflows/keeper.js';
import { specOf } from '../workflows/keeper-rig.js';

const NOW = Date.UTC(2031, 4, 5);
/** What a later build might carry; this one does not know it. */
const LATER = { pausedUntilMs: NOW + 1 };
const TOKEN = { value: 'a', tokenType: 'Bearer', issuedAtMs: NOW, expiresAtMs: NOW + 3_600_000 };

const spec: CredentialSpec = specOf('acme/shop');
const carried: KeeperState = {
  ...startingState(spec, { keeperId: 'keeper-1', jitter: 0.5 }, NOW),
  ...LATER,
};

describe('a field of the carried state that only a later build knows', () => {
  it('is carried on through refreshes, failures and cuts, so that rolling back loses nothing', () => {
    const keeper = new Keeper(carried);
    keeper.force({}, NOW);
    const begun = keeper.begin(NOW);
    keeper.cut(begun, NOW);
    keeper.failUntil(
      {
        type: 'TransientRefreshError',
        provider: 'oauth2',
        code: 'http_503',
        atMs: NOW,
        action: '',
      },
      NOW,
      NOW,
    );
    keeper.succeed({ epoch: 1, generation: 1, token: TOKEN, replacedMaterial: {} }, 0.5, NOW);
    keeper.apply({ ...spec, timing: { leadMs: 60_000 } }, 0.5, NOW);
    expect(keeper.state).toMatchObject({ ...LATER, generation: 1 });
  });

  it('ends with the material that it belonged to', () => {
    const renewed = specOf('acme/shop', { fingerprints: { refreshToken: 'f-new' } });
    const { state, outcome } = applied(carried, renewed, 0.5, NOW);
    expect(outcome).toBe('reauthorized');
    expect(state).not.toHaveProperty('pausedUntilMs');
  });
});
