import { describe, expect, it } from 'vitest';
import type { CredentialSpec } from '../../src/contract/credential.js';
import type { KeeperState } from '../../src/contract/keeper.js';
import { fitsKeeperInput } from '../../src/contract/payload-checks.js';
import type { RefreshResult } from '../../src/contract/refresh-activity.js';
import { applied } from '../../src/policy/apply.js';
import { startingState } from '../../src/policy/beginning.js';
import { Keeper } from '../../src/workflows/keeper.js';
import { specOf } from '../support/keeper-rig.js';
import { applyRequest, forceRequest } from '../support/requests.js';

const NOW = Date.UTC(2031, 4, 5);
/** What a later build might carry; this one does not know it. */
const LATER = { pausedUntilMs: NOW + 1 };
const TOKEN = { value: 'a', tokenType: 'Bearer', issuedAtMs: NOW, expiresAtMs: NOW + 3_600_000 };

const spec: CredentialSpec = specOf('acme/shop');
const carried: KeeperState = {
  ...startingState(applyRequest(spec, { application: 1 }), NOW),
  ...LATER,
};

const RESULT: RefreshResult = {
  credentialId: 'acme/shop',
  lineage: 'f0',
  epoch: 1,
  earlierLogins: [],
  generation: 1,
  token: TOKEN,
  application: 1,
  waitedMs: 0,
  refreshLeadMs: 300_000,
  replacedMaterial: {},
  journalId: 'journal-1',
};

describe('a field of the carried state that only a later build knows', () => {
  it('is carried on through refreshes, failures and cuts, so that rolling back loses nothing', () => {
    const keeper = new Keeper(carried, true);
    keeper.force(forceRequest({ wantedAtMs: NOW }), NOW);
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
    keeper.succeed(RESULT, NOW);
    keeper.apply(applyRequest({ ...spec, timing: { leadMs: 60_000 } }), NOW);
    expect(keeper.state).toMatchObject({ ...LATER, generation: 1 });
  });

  it('does not make an input unfit for a build that rolls back', () => {
    expect(fitsKeeperInput({ state: carried, useSearchAttributes: true, later: {} })).toBe(true);
  });

  it('ends with the material that it belonged to', () => {
    const renewed = specOf('acme/shop', { fingerprints: { refreshToken: 'f-new' } });
    const next = applied(carried, applyRequest(renewed), NOW);
    expect(next).toMatchObject({ outcome: 'reauthorized' });
    expect(next).not.toHaveProperty('state.pausedUntilMs');
  });
});
