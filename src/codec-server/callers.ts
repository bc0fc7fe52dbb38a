import { createHash, timingSafeEqual } from 'node:crypto';
import { createRemoteJWKSet, errors, jwtVerify } from 'jose';
import { defined } from '../contract/defined.js';
import type { Logger } from '../telemetry/logger.js';
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

/** Only signatures that the holder of a public key cannot make. `EdDSA` is what `Ed25519` was called before RFC 9864. */
const ALGORITHMS = ['RS256', 'PS256', 'ES256', 'ES384', 'Ed25519', 'EdDSA'];

/** Errors of jose about the keys' address and what it answers; its other errors judge the token. */
const KEY_ERRORS: readonly string[] = [
  errors.JOSEError.code,
  errors.JWKSTimeout.code,
  errors.JWKSInvalid.code,
  errors.JWKInvalid.code,
];

/** `unjudged`: the keys that would tell cannot be had now, so a caller who is known may ask again later. */
export type CallerVerdict = 'known' | 'unknown' | 'unjudged';

/** Judges a caller by its `Authorization` header. */
export type CallerCheck = (authorization: string | undefined) => Promise<CallerVerdict>;

export function createCallerCheck({ token, jwt }: CallerRules, logger: Logger): CallerCheck {
  if (token === undefined && jwt === undefined) return () => Promise.resolve('known');
  const keys = jwt === undefined ? undefined : createRemoteJWKSet(new URL(jwt.jwksUrl));
  return async (authorization) => {
    const presented = /^Bearer ([\w.~+/=-]+)$/i.exec(authorization ?? '')?.[1];
    if (presented === undefined) return 'unknown';
    if (token !== undefined && isSame(presented, token)) return 'known';
    if (jwt === undefined || keys === undefined) return 'unknown';
    const { audience, issuer } = jwt;
    try {
      await jwtVerify(presented, keys, {
        audience,
        ...defined({ issuer }),
        algorithms: ALGORITHMS,
        clockTolerance: CODEC_CLOCK_TOLERANCE_S,
        requiredClaims: ['exp'],
      });
      return 'known';
    } catch (error) {
      if (judgesToken(error)) return 'unknown';
      logger.warn('keys of EVERTOKEN_CODEC_JWKS_URL cannot be read', { error: innermost(error) });
      return 'unjudged';
    }
  };
}

function judgesToken(error: unknown): boolean {
  return error instanceof errors.JOSEError && !KEY_ERRORS.includes(error.code);
}

/** `fetch` wraps the system's own error, whose code says what is wrong. */
function innermost(error: unknown): unknown {
  return error instanceof TypeError && error.cause !== undefined ? error.cause : error;
}

/** In a time that tells nothing of where they differ. */
function isSame(one: string, other: string): boolean {
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(one), digest(other));
}
