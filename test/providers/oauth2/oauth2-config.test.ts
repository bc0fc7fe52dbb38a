import { describe, expect, it } from 'vitest';
import { oauth2ConfigSchema } from '../../../src/providers/oauth2/config.js';

const CONFIG = { clientId: 'client', tokenEndpoint: 'https://id.example/token' };

describe('the configuration of oauth2', () => {
  it.each(['api_key', 'password', 'X-Client-Secret', 'accessToken'])(
    'refuses a further parameter that looks like a secret, since it is shown: %s',
    (name) => {
      const read = oauth2ConfigSchema.safeParse({ ...CONFIG, extraParameters: { [name]: 'x' } });
      expect(read.error?.issues).toMatchObject([{ path: ['extraParameters'] }]);
    },
  );

  it.each(['refresh_token', 'refreshToken', 'Refresh-Token', 'client_secret', 'clientPrivateKey'])(
    'refuses a further field of the answer that is material, since services read it: %s',
    (name) => {
      const read = oauth2ConfigSchema.safeParse({ ...CONFIG, extraFields: ['instance_url', name] });
      expect(read.error?.issues).toMatchObject([
        {
          path: ['extraFields'],
          message:
            'must not name material, such as refresh_token: services read these fields with the token',
        },
      ]);
    },
  );

  it('takes further fields of the answer that services need, an ID token among them', () => {
    const extraFields = ['instance_url', 'id_token', 'refresh_token_expires_in'];
    expect(oauth2ConfigSchema.safeParse({ ...CONFIG, extraFields }).success).toBe(true);
  });

  it('refuses a secret in the query of an address', () => {
    const tokenEndpoint = 'https://id.example/token?tenant=a&api_key=x';
    const read = oauth2ConfigSchema.safeParse({ ...CONFIG, tokenEndpoint });
    expect(read.error?.issues).toMatchObject([{ path: ['tokenEndpoint'] }]);
    expect(read.error?.message).not.toContain('api_key');
  });

  it('takes parameters and queries that tell no secret', () => {
    const config = {
      ...CONFIG,
      tokenEndpoint: 'https://id.example/token?tenant=a',
      extraParameters: { audience: 'api' },
    };
    expect(oauth2ConfigSchema.safeParse(config).success).toBe(true);
  });
});
