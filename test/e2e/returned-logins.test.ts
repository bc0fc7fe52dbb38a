import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { CredentialSpec } from '../../src/contract/credential.js';
import { KeeperAdministration } from '../../src/keepers/administration.js';
import { type KeptCredential, KeptCredentials, youngToken } from '../support/kept-credential.js';

let kept: KeptCredentials;
let keepers: KeeperAdministration;

beforeAll(async () => {
  kept = await KeptCredentials.open();
  keepers = new KeeperAdministration(kept.stack.client);
});
afterAll(() => kept.close());

/** Refresh tokens that went out, in order. */
function spent({ standIn }: KeptCredential): readonly string[] {
  return standIn.requests.map(({ body }) => new URLSearchParams(body).get('refresh_token') ?? '');
}

describe('an operator who returns to the login before', () => {
  it.each<[string, (later: CredentialSpec) => CredentialSpec]>([
    ['brought a token and was never refreshed', (later) => ({ ...later, seedToken: youngToken() })],
    [
      'cannot be used by the worker',
      (later) => ({
        ...later,
        material: { ...later.material, clientSecret: { $workerEnv: 'EVERTOKEN_SECRET_NONE' } },
        fingerprints: { ...later.fingerprints, clientSecret: 'another' },
      }),
    ],
  ])('gets its newest token, where the later login %s', async (_what, changed) => {
    const one = await kept.start();
    const { generation } = await one.fresh();
    await one.fresh(generation);
    await expect(keepers.apply(changed(one.renewed()))).resolves.toEqual({
      outcome: 'reauthorized',
    });
    const sent = spent(one);

    await expect(keepers.apply(one.spec, { returns: true })).resolves.toEqual({
      outcome: 'reauthorized',
    });
    await expect.poll(() => one.token()).toMatchObject({ status: 'fresh' });
    const back = await one.token();
    await one.fresh(back.generation);
    expect(spent(one).slice(0, sent.length)).toEqual(sent);
    expect(new Set(spent(one)).size).toBe(spent(one).length);
  });
});

describe('a file that names another provider for the same refresh token', () => {
  it('does not bring back what rotation has spent', async () => {
    const one = await kept.start();
    const { generation } = await one.fresh();
    const other = {
      ...one.spec,
      provider: 'abitmedia',
      config: { baseUrl: one.standIn.baseUrl },
      seedToken: youngToken(),
    };
    await keepers.apply(other);
    const { material } = await one.state();
    expect(generation).toBeGreaterThan(0);
    expect(material['refreshToken']).not.toBe(one.refreshToken);
  });
});
