import { bearerOf, isFor, jsonReply, notServed } from './message.js';
import { jwt } from './token-text.js';
import type { StandInWire } from './wire.js';

/** Stand-in of Klavi's Monitor API. */
export const klaviStandIn: StandInWire = {
  provider: 'klavi',
  rotation: 'strict',
  refresh(request, issuer) {
    if (!isFor(request, 'GET', '/monitor/v1/refresh')) return notServed();
    if (!issuer.spend(bearerOf(request))) {
      return jsonReply(401, {
        statusCode: 401,
        error: 'Unauthorized',
        message: 'The access token provided was invalid or has expired.',
      });
    }
    const accessToken = issuer.issueToken(jwt(issuer.lifetimeSeconds));
    return jsonReply(200, { accessToken, expireIn: issuer.lifetimeSeconds });
  },
  credential: (id, issuer) => ({
    id,
    provider: 'klavi',
    config: { baseUrl: issuer.baseUrl },
    material: {
      accessToken: issuer.issueToken(jwt(issuer.lifetimeSeconds)),
      expiresAt: new Date(issuer.expiryMs()).toISOString(),
    },
  }),
};
