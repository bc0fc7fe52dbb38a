import { createHash, timingSafeEqual } from 'node:crypto';
import { createRemoteJWKSet, jwtVerify } from 'jose';
import { defined } from '../contract/defined.js';
import { CODEC_CLOCK_TOLERANCE_S } from './numbers.js';

/** How callers of the codec server prove who they are; without either, nobody is asked. */
export interface CallerRules {
  /** What programs present as a bearer token. */
  readonly token?: string;
  /** Whose signed tokens are taken, as the Temporal UI forwards those of its users. */
  readonly jwt?: {
    readonly jwksUrl: string;
    readonly audience: string;
    readonly issuer?: string;
  };
}

/** Only signatures that the holder of a public key cannot make. */
const ALGORITHMS = ['RS256', 'PS256', 'ES256', 'ES384', 'EdDSA'];

/** Decides whether a caller may ask, by its `Authorization` header. */
export type CallerCheck = (authorization: string | undefined) => Promise<boolean>;

export function createCallerCheck({ token, jwt }: CallerRules): CallerCheck {
  if (token === undefined && jwt === undefined) return () => Promise.resolve(true);
  const keys = jwt === undefined ? undefined : createRemoteJWKSet(new URL(jwt.jwksUrl));
  return async (authorization) => {
    const presented = /^Bearer ([\w.~+/=-]+)$/i.exec(authorization ?? '')?.[1];
    if (presented === undefined) return false;
    if (token !== undefined && isSame(presented, token)) return true;
    if (jwt === undefined || keys === undefined) return false;
    const { audience, issuer } = jwt;
    return jwtVerify(presented, keys, {
      audience,
      ...defined({ issuer }),
      algorithms: ALGORITHMS,
      clockTolerance: CODEC_CLOCK_TOLERANCE_S,
      requiredClaims: ['exp'],
    }).then(
      () => true,
      () => false,
    );
  };
}

/** In a time that tells nothing of where they differ. */
function isSame(one: string, other: string): boolean {
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(one), digest(other));
}
