import { describe, expect, it } from 'vitest';
import type { RefreshRequest } from '../../src/contract/refresh-activity.js';
import { abitmediaTokens, answerOf, RefreshRig } from '../support/refresh-rig.js';

function oauth2(clientAuthentication: string): Partial<RefreshRequest> {
  return {
    provider: 'oauth2',
    config: { tokenEndpoint: 'https://id.example/token', clientId: 'shop', clientAuthentication },
    material: { refreshToken: 'refresh-5', clientSecret: 'secret' },
  };
}

describe('an attempt', () => {
  it.each(['client_secret_basic', 'client_secret_post'])(
    'that authenticates by %s tries no other way when its client is rejected',
    async (method) => {
      const rig = new RefreshRig();
      rig.answer = () => answerOf(401, { error: 'invalid_client' });
      await rig.failure(oauth2(method));
      expect(rig.sent).toHaveLength(1);
    },
  );
});

describe('a Retry-After', () => {
  it('of one credential holds back no other, not even of the same provider', async () => {
    const rig = new RefreshRig();
    rig.answer = () => answerOf(429, {}, { 'retry-after': '3600' });
    await rig.failure();
    rig.answer = () => abitmediaTokens(6);
    expect((await rig.failure()).type).toBe('RetryAfterHoldError');
    expect((await rig.attempt({ credentialId: 'acme/other' })).generation).toBe(6);
  });
});

describe('a refresh token that another system shares', () => {
  it('is told to be spent elsewhere, and not to be in doubt, when that one was faster', async () => {
    const rig = new RefreshRig();
    rig.answer = () => answerOf(400, { error: 'invalid_grant' });
    const failure = await rig.failure(oauth2('client_secret_basic'));
    expect(failure.type).toBe('PermanentRefreshError');
    expect(failure.details[0].code).toBe('invalid_grant');
    expect(failure.details[0].action).toContain('spent by another system that shares it');
    expect(failure.message).toContain('evertoken reauthorize acme/shop');
  });
});
