import { expect, it } from 'vitest';
import { Keeper } from '../../src/workflows/keeper.js';
import { NOW, state, token } from '../support/keeper-fixture.js';
import { forceRequest } from '../support/requests.js';

it('spaces forced refreshes also of a token that is due again before the spacing is over', () => {
  const keeper = new Keeper(
    state({
      token: token({ expiresAtMs: NOW + 1_000 }),
      nextRefreshAtMs: NOW + 500,
      lastRefreshStartedAtMs: NOW,
    }),
    true,
  );
  keeper.force(forceRequest({ wantedAtMs: NOW + 700 }), NOW + 700);
  expect(keeper.begin(NOW + 700).reason).toBe('forced');
  keeper.force(forceRequest({ wantedAtMs: NOW + 1_400 }), NOW + 1_400);
  expect(keeper.nextStartAtMs).toBe(NOW + 10_700);
});
