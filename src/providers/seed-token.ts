import type { Material, Token } from '../contract/credential.js';
import { LIFETIME_MAX_MS, UNDOUBTED_LIFETIME_MS } from '../policy/attempt-numbers.js';
import { jwtTimes } from './wire/jwt.js';

/**
 * The token that material already contains: its literal `accessToken`. It expires at `expiresAt` or at the JWT's own `exp`,
 * whichever comes first. `undefined` if there is no token, or if nothing says how long it lives; then a refresh comes first.
 * An expired token is returned too, since its expiry decides what a refusal means.
 *
 * `issuedAtMs` is the latest possible time: the JWT's `iat`, or else the expiry. The keeper limits it to its own now. No
 * expiry is later than `LIFETIME_MAX_MS` after `nowMs`, because a JWT whose `exp` is in microseconds would name a time that
 * no date can show.
 */
export function seedTokenOf(material: Material, nowMs: number): Token | undefined {
  const value = material['accessToken'];
  if (typeof value !== 'string') return undefined;
  const jwt = jwtTimes(value);
  const saidMs = Math.min(
    statedExpiryMs(material['expiresAt']) ?? Number.POSITIVE_INFINITY,
    believedMs(jwt?.expiresAtS, nowMs) ?? Number.POSITIVE_INFINITY,
  );
  if (saidMs === Number.POSITIVE_INFINITY) return undefined;
  const expiresAtMs = Math.min(saidMs, nowMs + LIFETIME_MAX_MS);
  const issuedAtMs = Math.min(secondsToMs(jwt?.issuedAtS) ?? expiresAtMs, expiresAtMs);
  return { value, tokenType: 'Bearer', issuedAtMs, expiresAtMs };
}

function statedExpiryMs(expiresAt: Material[string] | undefined): number | undefined {
  if (typeof expiresAt !== 'string') return undefined;
  const ms = Date.parse(expiresAt);
  return Number.isNaN(ms) ? undefined : ms;
}

function secondsToMs(seconds: number | undefined): number | undefined {
  return seconds === undefined ? undefined : Math.floor(seconds * 1_000);
}

/** As with an answer, an end so far off is most likely in milliseconds. It is not believed, and a refresh comes first. */
function believedMs(expiresAtS: number | undefined, nowMs: number): number | undefined {
  const ms = secondsToMs(expiresAtS);
  return ms !== undefined && ms - nowMs > UNDOUBTED_LIFETIME_MS ? undefined : ms;
}
