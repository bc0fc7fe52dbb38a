import { describe, expect, it } from 'vitest';
import { classifyRefusal, leavesDoubt, type Refusal } from '../../src/policy/classify.js';

const codes = {
  permanent: ['invalid_grant', 'bad_refresh_token'],
  transient: ['access_denied_throttle'],
  clientRejected: [],
};
const facts = { codes, spendsAccessToken: false, tokenHasExpired: false };
const ownToken = { ...facts, spendsAccessToken: true };
const meaning = (refusal: Partial<Refusal>, given = facts): string =>
  classifyRefusal({ status: 400, shape: 'documented', ...refusal }, given).meaning;

describe('what a refusal means', () => {
  it.each([408, 409, 425, 429, 500, 502, 503, 504, 599])(
    'is a retry at %i, whatever the body says',
    (status) => {
      expect(meaning({ status, code: 'invalid_grant' })).toBe('retry');
    },
  );

  it('is unconfirmed for a gateway’s 403 where nobody knows whether the token that is spent lives still', () => {
    const refusal = { status: 403, shape: 'foreign' } as const;
    const unknown = { ...ownToken, tokenHasExpired: 'unknown' } as const;
    expect(classifyRefusal(refusal, unknown).meaning).toBe('unconfirmed');
    expect(classifyRefusal({ ...refusal, shape: 'documented' }, unknown).code).toBe(
      'beyond_renewal',
    );
  });

  it.each(['temporarily_unavailable', 'server_error', 'slow_down', 'access_denied_throttle'])(
    'is a retry for the transient code %s at any status',
    (code) => {
      for (const status of [200, 400, 401, 403, 404]) {
        expect(meaning({ status, code })).toBe('retry');
      }
    },
  );

  it.each(['invalid_client', 'unauthorized_client'])(
    'is a rejected client for %s at any status',
    (code) => {
      for (const status of [200, 400, 401, 403]) {
        expect(meaning({ status, code })).toBe('client-rejected');
      }
    },
  );

  it('is permanent for a code of the reviewed table at any status: 403 at Atlassian, 200 at GitHub', () => {
    expect(meaning({ status: 403, code: 'invalid_grant' })).toBe('permanent');
    expect(meaning({ status: 200, code: 'bad_refresh_token' })).toBe('permanent');
  });

  it('is permanent for 400 and 404 in the provider’s own shape, with or without a code', () => {
    expect(meaning({ status: 400 })).toBe('permanent');
    expect(meaning({ status: 404 })).toBe('permanent');
    expect(meaning({ status: 400, code: 'invalid_request' })).toBe('permanent');
  });

  it('is unconfirmed for 400 and 404 in a foreign shape: a gateway may have sent it', () => {
    expect(meaning({ status: 400, shape: 'foreign' })).toBe('unconfirmed');
    expect(meaning({ status: 404, shape: 'foreign' })).toBe('unconfirmed');
  });

  it('is a retry for 401 and 403 while the token that renews itself is valid', () => {
    expect(meaning({ status: 401 }, ownToken)).toBe('retry');
    expect(meaning({ status: 403 }, ownToken)).toBe('retry');
  });

  it('is beyond renewal for 401 and 403 once the token that renews itself has expired', () => {
    const expired = { ...ownToken, tokenHasExpired: true };
    expect(classifyRefusal({ status: 401, shape: 'documented' }, expired)).toEqual({
      meaning: 'permanent',
      code: 'beyond_renewal',
    });
    expect(meaning({ status: 401 }, { ...facts, tokenHasExpired: true })).toBe('retry');
  });

  it.each([200, 201, 204, 302, 402, 405, 418, 422])('is a retry for %i', (status) => {
    expect(meaning({ status, shape: 'foreign' })).toBe('retry');
  });

  it('names listed codes and short numbers only, since a provider may echo a secret', () => {
    const named = (code: string): string =>
      classifyRefusal({ status: 401, shape: 'documented', code }, facts).code;
    expect(named('invalid_grant')).toBe('invalid_grant');
    expect(named('82001')).toBe('82001');
    expect(named('eyJhbGciOi.secret')).toBe('http_401');
    expect(named('123456789')).toBe('http_401');
  });
});

describe('whether an answer leaves doubt', () => {
  const doubtful = (shape: Refusal['shape'], statuses: number[]): number[] =>
    statuses.filter((status) => leavesDoubt({ status, shape }));

  it('does when a refresh may have been made behind it', () => {
    const statuses = [200, 408, 499, 500, 502, 503, 504, 520, 521, 522, 523, 524, 527, 530, 599];
    expect(doubtful('foreign', statuses)).toEqual(statuses);
    expect(doubtful('documented', [500, 502, 504])).toEqual([500, 502, 504]);
  });

  it('does not when the provider says that it did nothing, also with status 200', () => {
    expect(doubtful('foreign', [400, 401, 403, 404, 409, 425, 429, 501, 505])).toEqual([]);
    expect(doubtful('documented', [200, 400, 401, 403, 404, 429, 503])).toEqual([]);
  });
});
