import { describe, expect, it } from 'vitest';
import { FALLBACK_LIFETIME_MS } from '../../src/policy/numbers.js';
import { refreshDueAtMs } from '../../src/policy/refresh-time.js';
import type { RefreshRequest } from '../../src/contract/refresh-activity.js';
import { answerOf, RefreshRig, SCHEDULED_AT } from './refresh-rig.js';

const MINUTE_MS = 60_000;

/** Life of the token that an answer of an `oauth2` provider makes, in milliseconds. */
async function lifeOf(
  body: object,
  overrides: { config?: object; timing?: RefreshRequest['timing'] } = {},
): Promise<number> {
  const rig = new RefreshRig();
  rig.answer = () => answerOf(200, body);
  const { token } = await rig.attempt(oauth2(overrides.config, overrides.timing));
  expect(refreshDueAtMs(token, {}, 1)).toBeGreaterThan(token.issuedAtMs);
  return token.expiresAtMs - token.issuedAtMs;
}

function oauth2(config: object = {}, timing = {}): Partial<RefreshRequest> {
  return {
    provider: 'oauth2',
    config: {
      tokenEndpoint: 'https://id.example/token',
      clientId: 'shop',
      clientAuthentication: 'none',
      ...config,
    },
    timing,
  };
}

function jwt(claims: object): string {
  const encode = (part: object): string => Buffer.from(JSON.stringify(part)).toString('base64url');
  return `${encode({ alg: 'HS256' })}.${encode(claims)}.c2ln`;
}

describe('the life of a refreshed token', () => {
  it('is the default when this answer says nothing of it, whatever the last one said', async () => {
    const body = { access_token: 'access-6' };
    expect(await lifeOf(body)).toBe(FALLBACK_LIFETIME_MS);
    expect(await lifeOf(body, { timing: { defaultLifetimeMs: 5 * MINUTE_MS } })).toBe(
      5 * MINUTE_MS,
    );
  });

  it('is read in milliseconds only where the configuration says so', async () => {
    const body = { access_token: 'access-6', expires_in: 900_000 };
    expect(await lifeOf(body, { config: { lifetimeUnit: 'milliseconds' } })).toBe(15 * MINUTE_MS);
    expect(await lifeOf(body)).toBe(900_000_000);
  });

  it('is that of the JWT where its exp comes before expires_in', async () => {
    const issuedAtS = SCHEDULED_AT / 1_000;
    const access_token = jwt({ iat: issuedAtS, exp: issuedAtS + 300 });
    expect(await lifeOf({ access_token, expires_in: 3_600 })).toBe(5 * MINUTE_MS);
  });

  it('counts from the request when the provider hands out what by its own clock has expired', async () => {
    const pastS = SCHEDULED_AT / 1_000 - 86_400;
    const stale = jwt({ iat: pastS, exp: pastS + 600 });
    expect(await lifeOf({ access_token: stale, expires_in: -85_800 })).toBe(10 * MINUTE_MS);
    const date = { access_token: 'access-6', expires_in: '2020-01-01T00:00:00Z' };
    const timing = { defaultLifetimeMs: 20 * MINUTE_MS };
    expect(await lifeOf(date, { config: { lifetimeUnit: 'date' }, timing })).toBe(20 * MINUTE_MS);
  });
});

describe('the scope of a refreshed token', () => {
  it('is what the answer says, narrower or wider, and the old one where it says nothing', async () => {
    const scopeAfter = async (body: object): Promise<string | undefined> => {
      const rig = new RefreshRig();
      rig.answer = () => answerOf(200, { access_token: 'access-6', ...body });
      return (await rig.attempt(oauth2())).token.scope;
    };
    expect(await scopeAfter({ scope: 'read:one' })).toBe('read:one');
    expect(await scopeAfter({ scope: 'read write' })).toBe('read write');
    expect(await scopeAfter({ scope: '' })).toBe('read');
    expect(await scopeAfter({})).toBe('read');
  });
});
