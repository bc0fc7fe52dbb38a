import { describe, expect, it } from 'vitest';
import { tavio } from '../../src/providers/tavio.js';
import { answer, noLookUp, wallNow } from './answer.js';

const CONFIG = { orgDomain: 'acme' };
const MATERIAL = { accessToken: '7d0c1f9e-3b52-4c0e-9d1a-5f2c8e6b4a10' };

/** The page's one sample, for both of its cases. */
const PAGE_ERROR = {
  status: 400,
  error: 'Bad Request',
  message: 'Invalid request parameters',
  path: '/v1/{orgDomain}/environments',
  timestamp: '2021-01-01T00:00:00Z',
};

describe('Tavio', () => {
  it('renews at the public API, with the token as bearer and an empty body', async () => {
    expect(await tavio.configure(CONFIG).prepare(MATERIAL, noLookUp, wallNow)).toEqual({
      method: 'POST',
      url: 'https://api.integrationmarketplace.io/v1/acme/auth/token/renew',
      headers: {
        authorization: `Bearer ${MATERIAL.accessToken}`,
        accept: 'application/json',
        'content-type': 'application/json',
      },
    });
  });

  it('keeps a path of the base address, with or without a slash at its end', async () => {
    for (const baseUrl of ['https://proxy.example/tavio', 'https://proxy.example/tavio/']) {
      const { url } = await tavio
        .configure({ ...CONFIG, baseUrl })
        .prepare(MATERIAL, noLookUp, wallNow);
      expect(url).toBe('https://proxy.example/tavio/v1/acme/auth/token/renew');
    }
  });

  it('takes what is inferred from the configuration', async () => {
    const config = {
      ...CONFIG,
      authorizationScheme: 'Token',
      lifetimeField: 'expiresIn',
      rotates: false,
    };
    const { headers } = await tavio.configure(config).prepare(MATERIAL, noLookUp, wallNow);
    expect(headers['authorization']).toBe(`Token ${MATERIAL.accessToken}`);
    expect(tavio.configure(config).judge(answer(200, { token: 'n', expiresIn: 60 }))).toMatchObject(
      {
        lifetime: 60,
      },
    );
    expect(tavio.configure(config).rotates).toBe(false);
    expect(tavio.configure(CONFIG).rotates).toBe(true);
  });

  it('reads the token, which is the next material too', () => {
    expect(tavio.configure(CONFIG).judge(answer(200, { token: 'next', expires_in: 3600 }))).toEqual(
      {
        kind: 'token',
        value: 'next',
        tokenType: 'Bearer',
        lifetime: 3600,
        replacedMaterial: { accessToken: 'next' },
      },
    );
  });

  it('does not believe the page’s error under 400 or 404: Spring answers so for a route that is not there', () => {
    for (const status of [400, 404]) {
      expect(tavio.configure(CONFIG).judge(answer(status, PAGE_ERROR))).toMatchObject({
        shape: 'foreign',
      });
    }
  });

  it.each([401, 403])('knows the page’s error by its keys, under HTTP status %i', (status) => {
    expect(tavio.configure(CONFIG).judge(answer(status, PAGE_ERROR))).toEqual({
      kind: 'refusal',
      shape: 'documented',
    });
  });

  it.each(['status', 'error', 'message', 'path', 'timestamp'])(
    'takes an error without %s for foreign',
    (key) => {
      const body = Object.fromEntries(Object.entries(PAGE_ERROR).filter(([name]) => name !== key));
      expect(tavio.configure(CONFIG).judge(answer(401, body))).toMatchObject({ shape: 'foreign' });
    },
  );

  it('takes an error whose status is a text for foreign', () => {
    const body = { ...PAGE_ERROR, status: '400' };
    expect(tavio.configure(CONFIG).judge(answer(401, body))).toMatchObject({ shape: 'foreign' });
  });

  it.each(['', '..', '.', 'a/b', 'a?b', 'a b', '{orgDomain}'])(
    'refuses %j as organisation domain',
    (orgDomain) => {
      expect(tavio.configSchema.safeParse({ orgDomain }).success).toBe(false);
    },
  );
});
