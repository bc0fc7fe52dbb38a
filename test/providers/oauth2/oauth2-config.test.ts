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
