import { describe, expect, it } from 'vitest';
import type { RefreshRequest } from '../../src/contract/refresh-activity.js';
import { FALLBACK_LIFETIME_MS } from '../../src/policy/attempt-numbers.js';
import { refreshDueAtMs } from '../../src/policy/refresh-time.js';
import { answerOf, RefreshRig, SCHEDULED_AT } from '../support/refresh-rig.js';

const MINUTE_MS = 60_000;

type AnswerHeaders = Readonly<Record<string, string>>;

/** Life of the token that an answer of an `oauth2` provider makes, in milliseconds. */
async function lifeOf(
  body: object,
  overrides: { config?: object; timing?: RefreshRequest['timing']; headers?: AnswerHeaders } = {},
): Promise<number> {
  const rig = new RefreshRig();
  const answer = answerOf(200, body);
  rig.answer = () => ({ ...answer, headers: { ...answer.headers, ...overrides.headers } });
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
    // As seconds that would be ten days, which is doubted.
    expect(await lifeOf(body)).toBe(60 * MINUTE_MS);
  });

  it('is that of the JWT where its exp comes before expires_in', async () => {
    const issuedAtS = SCHEDULED_AT / 1_000;
    const access_token = jwt({ iat: issuedAtS, exp: issuedAtS + 300 });
    expect(await lifeOf({ access_token, expires_in: 3_600 })).toBe(5 * MINUTE_MS);
  });

  it('is what is left of a JWT that the provider issued before and hands out again', async () => {
    const issuedAtS = SCHEDULED_AT / 1_000 - 50 * 60;
    const body = { access_token: jwt({ iat: issuedAtS, exp: issuedAtS + 3_600 }) };
    const date = new Date(SCHEDULED_AT).toUTCString();
    expect(await lifeOf(body, { headers: { date } })).toBe(10 * MINUTE_MS);
    expect(await lifeOf(body)).toBe(60 * MINUTE_MS);
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

describe('the life of the material', () => {
  const DAY_MS = 86_400_000;
  const WEEK_S = 604_800;
  const currentToken = {
    value: 'access-5',
    tokenType: 'Bearer',
    issuedAtMs: SCHEDULED_AT - 3_000_000,
    expiresAtMs: SCHEDULED_AT + 300_000,
    materialExpiresAtMs: SCHEDULED_AT + 2 * DAY_MS,
  };
  /** Milliseconds from the refresh to the end of the material, and what was logged. */
  async function after(body: object): Promise<{ leftMs: number | undefined; warned: boolean }> {
    const rig = new RefreshRig();
    rig.answer = () => answerOf(200, { access_token: 'access-6', expires_in: 3_600, ...body });
    const { token } = await rig.attempt({ ...oauth2(), currentToken });
    const endsAtMs = token.materialExpiresAtMs;
    return {
      leftMs: endsAtMs === undefined ? undefined : endsAtMs - token.issuedAtMs,
      warned: rig.logged.join().includes('material expires soon'),
    };
  }

  it('is what the answer says of it, in seconds', async () => {
    const rotated = { refresh_token: 'refresh-6', refresh_token_expires_in: WEEK_S };
    expect(await after(rotated)).toEqual({ leftMs: 7 * DAY_MS, warned: false });
  });

  it('stays what it was where the refresh token stays and nothing else is said', async () => {
    for (const said of [{}, { refresh_expires_in: 0 }, { refresh_token_expires_in: 'soon' }]) {
      const { leftMs = 0 } = await after(said);
      expect(leftMs).toBeLessThanOrEqual(2 * DAY_MS);
      expect(leftMs).toBeGreaterThan(2 * DAY_MS - MINUTE_MS);
    }
  });

  it('is unknown of a refresh token that still works after what was said to be its end', async () => {
    const rig = new RefreshRig();
    rig.answer = () => answerOf(200, { access_token: 'access-6', expires_in: 3_600 });
    const outlived = { ...currentToken, materialExpiresAtMs: SCHEDULED_AT - DAY_MS };
    const { token } = await rig.attempt({ ...oauth2(), currentToken: outlived });
    expect(token.materialExpiresAtMs).toBeUndefined();
    expect(rig.logged.join()).not.toContain('material expires soon');
  });

  it('is unknown of a new refresh token of which nothing is said', async () => {
    expect((await after({ refresh_token: 'refresh-6' })).leftMs).toBeUndefined();
  });

  it('is warned of within its last seven days, where no refresh prolongs it', async () => {
    expect((await after({ refresh_token_expires_in: (2 * DAY_MS) / 1_000 })).warned).toBe(true);
  });
});
