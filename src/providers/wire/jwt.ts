import { defined } from '../../contract/defined.js';
import type { JwtTimes } from '../../policy/lifetime.js';
import { parseJsonObject } from './json.js';

/**
 * The times that a JWT states about itself; `undefined` for any other token. The signature is not checked: the token came
 * from the provider over TLS, and its times matter only to its holder. Both alphabets of base64 and its padding are read,
 * since Oracle's tokens keep `=`, `+` and `/`
 * (https://docs.oracle.com/cd/E90963_01/Cloud.10-17/ExtendingCC/html/s0203refreshanaccesstoken01.html).
 */
export function jwtTimes(token: string): JwtTimes | undefined {
  const parts = token.split('.');
  const [header, claims] = parts;
  if (parts.length !== 3 || header === undefined || claims === undefined) return undefined;
  if (parseJsonObject(decoded(header)) === undefined) return undefined;
  const said = parseJsonObject(decoded(claims));
  if (said === undefined) return undefined;
  const issuedAtS = numericDate(said['iat']);
  const expiresAtS = numericDate(said['exp']);
  return defined({ issuedAtS, expiresAtS });
}

function decoded(part: string): string {
  return Buffer.from(part, 'base64').toString('utf8');
}

/** Seconds since the epoch (RFC 7519, section 2). Anything but a positive number says nothing. */
function numericDate(claim: unknown): number | undefined {
  return typeof claim === 'number' && Number.isFinite(claim) && claim > 0 ? claim : undefined;
}
