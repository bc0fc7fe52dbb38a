import { describe, expect, it } from 'vitest';
import { LIFETIME_MAX_MS } from '../../src/policy/attempt-numbers.js';
import { seedTokenOf } from '../../src/providers/seed-token.js';

const NOW_MS = Date.parse('2026-11-20T20:00:00Z');
const NOW_S = NOW_MS / 1_000;

function jwt(claims: object): string {
  const encode = (part: object): string => Buffer.from(JSON.stringify(part)).toString('base64url');
  return `${encode({ alg: 'none' })}.${encode(claims)}.`;
}

describe('a seed token', () => {
  it('lives until the expiry that stands beside it', () => {
    const material = { accessToken: 'opaque', expiresAt: '2026-11-20T22:00:00+01:00' };
    expect(seedTokenOf(material, NOW_MS)).toEqual({
      value: 'opaque',
      tokenType: 'Bearer',
      issuedAtMs: NOW_MS + 3_600_000,
      expiresAtMs: NOW_MS + 3_600_000,
    });
  });

  it.each([-3_600_000, -600_000, 600_000, 3_600_000])(
    'is the same by a clock that is wrong by %d ms',
    (wrongByMs) => {
      const stated = { accessToken: 'opaque', expiresAt: '2026-11-20T20:08:00Z' };
      const own = { accessToken: jwt({ iat: NOW_S - 100, exp: NOW_S + 800 }) };
      for (const material of [stated, own]) {
        const token = seedTokenOf(material, NOW_MS);
        expect(seedTokenOf(material, NOW_MS + wrongByMs)).toEqual(token);
      }
    },
  );

  it('lives by its own exp and iat where nothing stands beside it', () => {
    const accessToken = jwt({ iat: NOW_S - 100, exp: NOW_S + 800 });
    expect(seedTokenOf({ accessToken }, NOW_MS)).toMatchObject({
      issuedAtMs: NOW_MS - 100_000,
      expiresAtMs: NOW_MS + 800_000,
    });
  });

  it('lives no longer than either the file or itself says', () => {
    const accessToken = jwt({ exp: NOW_S + 800 });
    const material = { accessToken, expiresAt: '2026-11-20T20:01:00Z' };
    expect(seedTokenOf(material, NOW_MS)?.expiresAtMs).toBe(NOW_MS + 60_000);
    const years = { accessToken, expiresAt: '2031-11-20T20:01:00Z' };
    expect(seedTokenOf(years, NOW_MS)?.expiresAtMs).toBe(NOW_MS + 800_000);
  });

  it('was never issued after its expiry', () => {
    const ahead = jwt({ iat: NOW_S + 900, exp: NOW_S + 800 });
    expect(seedTokenOf({ accessToken: ahead }, NOW_MS)?.issuedAtMs).toBe(NOW_MS + 800_000);
    const expired = { accessToken: 'opaque', expiresAt: '2026-11-20T19:00:00Z' };
    expect(seedTokenOf(expired, NOW_MS)).toMatchObject({
      issuedAtMs: NOW_MS - 3_600_000,
      expiresAtMs: NOW_MS - 3_600_000,
    });
  });

  it.each([
    ['milliseconds', jwt({ exp: NOW_MS })],
    ['microseconds', jwt({ exp: NOW_S * 1_000_000 })],
    ['a number beyond all dates', jwt({ exp: 1e300 })],
  ])('is refreshed first where its exp is of %s', (_, accessToken) => {
    expect(seedTokenOf({ accessToken }, NOW_MS)).toBeUndefined();
  });

  it('lives for ten years at most, whatever the file says', () => {
    const seed = { accessToken: 'opaque', expiresAt: '2199-01-01T00:00:00Z' };
    expect(seedTokenOf(seed, NOW_MS)?.expiresAtMs).toBe(NOW_MS + LIFETIME_MAX_MS);
  });

  it.each([
    ['there is no access token', { refreshToken: 'r', expiresAt: '2026-11-20T22:00:00Z' }],
    ['nothing says how long it lives', { accessToken: 'opaque' }],
    ['only the worker can read it', { accessToken: { $workerEnv: 'EVERTOKEN_SECRET_A' } }],
    ['its expiry is no time', { accessToken: 'opaque', expiresAt: 'soon' }],
  ])('is none where %s', (_, material) => {
    expect(seedTokenOf(material, NOW_MS)).toBeUndefined();
  });
});
