import { describe, expect, it } from 'vitest';
import { datedToken } from '../../src/policy/adopted-token.js';
import { NOW, token } from '../support/keeper-fixture.js';

const HOUR_MS = 3_600_000;
/** Dated by when its attempt was scheduled, an hour before it was started. */
const early = token({ issuedAtMs: NOW - HOUR_MS, expiresAtMs: NOW });

describe('a token whose attempt waited for a worker', () => {
  it('lives from when the server started it, and does not count as expired because of the wait', () => {
    expect(datedToken({ token: early, waitedMs: HOUR_MS }, NOW)).toMatchObject({
      issuedAtMs: NOW,
      expiresAtMs: NOW + HOUR_MS,
    });
  });

  it('is never issued in the keeper’s future, whatever its attempt says', () => {
    expect(datedToken({ token: early, waitedMs: 100 * HOUR_MS }, NOW)).toMatchObject({
      issuedAtMs: NOW,
      expiresAtMs: NOW + HOUR_MS,
    });
  });

  it('is issued now where the server’s clock was set back since its attempt, and is not called valid for longer than it lives', () => {
    const ahead = token({ issuedAtMs: NOW + HOUR_MS, expiresAtMs: NOW + 2 * HOUR_MS });
    expect(datedToken({ token: ahead, waitedMs: 0 }, NOW)).toMatchObject({
      issuedAtMs: NOW,
      expiresAtMs: NOW + HOUR_MS,
    });
  });

  it('loses no more than the wait where the server did not say how long that was', () => {
    expect(datedToken({ token: early, waitedMs: 0 }, NOW)).toEqual(early);
    expect(datedToken({ token: early, waitedMs: -5 }, NOW)).toEqual(early);
  });

  it('keeps an expiry that the provider states as a time', () => {
    const stated = { token: early, waitedMs: HOUR_MS, hasStatedExpiry: true as const };
    expect(datedToken(stated, NOW)).toMatchObject({ issuedAtMs: NOW, expiresAtMs: NOW });
  });
});
