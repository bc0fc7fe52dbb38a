import { randomUUID } from 'node:crypto';
import { bearerOf, isFor, jsonReply, notServed, type StandInReply } from './message.js';
import type { StandInWire } from './wire.js';

const ORG_DOMAIN = 'acme';
const PATH = `/v1/${ORG_DOMAIN}/auth/token/renew`;

/** Stand-in of Tavio. Its 401 has the body that the page shows, `status` 400 included. */
export const tavioStandIn: StandInWire = {
  provider: 'tavio',
  rotation: 'strict',
  refresh(request, issuer) {
    if (!isFor(request, 'POST', PATH)) return notServed();
    if (request.headers['content-type'] !== 'application/json' || request.body !== '') {
      return refused(400);
    }
    if (!issuer.spend(bearerOf(request))) return refused(401);
    const token = issuer.issueToken(randomUUID());
    return jsonReply(200, { token, expires_in: issuer.lifetimeSeconds });
  },
  credential: (id, issuer) => ({
    id,
    provider: 'tavio',
    config: { orgDomain: ORG_DOMAIN, baseUrl: issuer.baseUrl },
    material: {
      accessToken: issuer.issueToken(randomUUID()),
      expiresAt: new Date(issuer.expiryMs()).toISOString(),
    },
  }),
};

function refused(status: number): StandInReply {
  return jsonReply(status, {
    status: 400,
    error: 'Bad Request',
    message: 'Invalid request parameters',
    path: '/v1/{orgDomain}/environments',
    timestamp: '2021-01-01T00:00:00Z',
  });
}
