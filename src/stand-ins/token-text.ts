import { createHmac, randomBytes, randomUUID } from 'node:crypto';

/** Nobody checks the signatures of stand-ins, so each process has a key of its own. */
const SIGNING_KEY = randomBytes(32);

/** A random opaque token. */
export function opaqueToken(): string {
  return randomBytes(24).toString('base64url');
}

/** A JWT that lives so many seconds from now (RFC 7519), signed with HS256. */
export function jwt(
  lifetimeSeconds: number,
  alphabet: 'base64url' | 'base64' = 'base64url',
): string {
  const issuedAtS = Math.floor(Date.now() / 1_000);
  const encode = (part: object): string => Buffer.from(JSON.stringify(part)).toString(alphabet);
  const header = encode({ alg: 'HS256', typ: 'JWT' });
  const claims = encode({ jti: randomUUID(), iat: issuedAtS, exp: issuedAtS + lifetimeSeconds });
  const signature = createHmac('sha256', SIGNING_KEY).update(`${header}.${claims}`);
  return `${header}.${claims}.${signature.digest(alphabet)}`;
}
