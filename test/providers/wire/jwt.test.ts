import { describe, expect, it } from 'vitest';
import { jwtTimes } from '../../../src/providers/wire/jwt.js';

/** The sample of Oracle's page: padded, with `/` in its signature. */
const ORACLE_SAMPLE =
  'eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJleHAiOjE0MTQxNDk5NTYsInN1YiI6IjExMDU1OCIsImlzcyI6InN0b3JlZnJvbnRVSSIsImlhdCI6MTQxNDE0OTAyNn0=.B9qM0/VKpCNKvjCmOnUPv4RS7mkIDgKcP8RJPaVQGYU=';

function token(claims: unknown, alphabet: 'base64' | 'base64url' = 'base64url'): string {
  const encode = (part: unknown): string => Buffer.from(JSON.stringify(part)).toString(alphabet);
  return `${encode({ alg: 'HS256' })}.${encode(claims)}.c2ln`;
}

describe('times of a JWT', () => {
  it('are read from the sample of the Oracle page, padding included', () => {
    expect(jwtTimes(ORACLE_SAMPLE)).toEqual({ issuedAtS: 1414149026, expiresAtS: 1414149956 });
  });

  it.each(['base64', 'base64url'] as const)('are read from the alphabet %s', (alphabet) => {
    const claims = { exp: 1_800_000_000, sub: '>>>???~~~\u00fb\u00ff' };
    expect(token(claims, 'base64')).toMatch(/[+/]/);
    expect(jwtTimes(token(claims, alphabet))).toEqual({ expiresAtS: 1_800_000_000 });
  });

  it.each([
    ['text', '1800000000'],
    ['zero', 0],
    ['a negative number', -5],
    ['nothing', null],
    ['an object', {}],
  ])('leave out an exp that is %s', (_, exp) => {
    expect(jwtTimes(token({ exp, iat: 5 }))).toEqual({ issuedAtS: 5 });
  });

  it.each([
    '',
    'opaque',
    'a.b',
    'a.b.c',
    '..',
    'a.b.c.d',
    '7d0c1f9e-3b52-4c0e-9d1a-5f2c8e6b4a10',
    'xoxe.xoxb-1.abc',
    token([]),
    token(null),
    token('text'),
  ])('are not read from %j', (text) => {
    expect(jwtTimes(text)).toBeUndefined();
  });
});
