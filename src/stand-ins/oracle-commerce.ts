import { bearerOf, hasContentType, isFor, jsonReply, notServed } from './message.js';
import { jwt } from './token-text.js';
import type { StandInWire } from './wire.js';

/** Oracle's tokens keep base64's padding and its `+` and `/`. */
const ALPHABET = 'base64';

/** Stand-in of Oracle Commerce's storefront API. The old token lives on to its expiry. */
export const oracleCommerceStandIn: StandInWire = {
  provider: 'oracle-commerce',
  rotation: 'none',
  refresh(request, issuer) {
    if (!isFor(request, 'POST', '/ccstore/v1/refresh')) return notServed();
    if (!hasContentType(request, 'application/json')) {
      return jsonReply(400, {
        message: 'Unsupported media type',
        status: '400',
        errorCode: '10001',
      });
    }
    if (!issuer.spend(bearerOf(request))) {
      return jsonReply(401, {
        message: 'Token inválido o caducado',
        status: '401',
        errorCode: '10002',
      });
    }
    return jsonReply(200, {
      access_token: issuer.issueToken(jwt(issuer.lifetimeSeconds, ALPHABET)),
      token_type: 'bearer',
      expires_in: issuer.lifetimeSeconds,
    });
  },
  credential: (id, issuer) => ({
    id,
    provider: 'oracle-commerce',
    config: { baseUrl: issuer.baseUrl },
    material: { accessToken: issuer.issueToken(jwt(issuer.lifetimeSeconds, ALPHABET)) },
  }),
};
