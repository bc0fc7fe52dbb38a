import { bearerOf, isFor, jsonReply, notServed } from './message.js';
import { jwt } from './token-text.js';
import type { StandInWire } from './wire.js';

/** Stand-in of Klavi's Monitor API. */
export const klaviStandIn: StandInWire = {
  provider: 'klavi',
  rotation: 'strict',
  refresh(request, clerk) {
    if (!isFor(request, 'GET', '/monitor/v1/refresh')) return notServed();
    if (!clerk.spend(bearerOf(request))) {
      return jsonReply(401, {
        statusCode: 401,
        error: 'Unauthorized',
        message: 'The access token provided was invalid or has expired.',
      });
    }
    const accessToken = clerk.issueToken(jwt(clerk.lifetimeSeconds));
    return jsonReply(200, { accessToken, expireIn: clerk.lifetimeSeconds });
  },
  credential: (id, clerk) => ({
    id,
    provider: 'klavi',
    config: { baseUrl: clerk.baseUrl },
    material: {
      accessToken: clerk.issueToken(jwt(clerk.lifetimeSeconds)),
      expiresAt: new Date(clerk.expiryMs()).toISOString(),
    },
  }),
};
