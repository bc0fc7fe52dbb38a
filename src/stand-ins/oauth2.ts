import { hasContentType, isFor, jsonReply, notServed, type StandInRequest } from './message.js';
import { opaqueToken } from './token-text.js';
import type { StandInWire } from './wire.js';

const CLIENT_ID = 'evertoken';
const CLIENT_SECRET = opaqueToken();

/**
 * Stand-in of an authorization server: metadata, a revocation endpoint (RFC 7009), and a token
 * endpoint for the refresh token grant with client_secret_basic or client_secret_post (RFC 6749,
 * sections 2.3.1 and 6). A refresh token that is presented after its death ends the whole grant
 * (RFC 9700, section 4.14.2).
 */
export const oauth2StandIn: StandInWire = {
  provider: 'oauth2',
  rotation: 'strict',
  lookUp(request, issuer) {
    if (!isFor(request, 'GET', '/.well-known/openid-configuration')) return undefined;
    return jsonReply(200, {
      issuer: issuer.baseUrl,
      token_endpoint: `${issuer.baseUrl}/token`,
      revocation_endpoint: `${issuer.baseUrl}/revoke`,
    });
  },
  refresh(request, issuer) {
    if (!isFor(request, 'POST', '/token')) return notServed();
    if (!hasContentType(request, 'application/x-www-form-urlencoded')) {
      return jsonReply(400, { error: 'invalid_request' });
    }
    const form = new URLSearchParams(request.body);
    if (!isAuthenticated(request, form)) return jsonReply(401, { error: 'invalid_client' });
    if (form.get('grant_type') !== 'refresh_token') {
      return jsonReply(400, { error: 'unsupported_grant_type' });
    }
    const spent = form.get('refresh_token') ?? '';
    if (!issuer.spend(spent)) {
      return jsonReply(400, {
        error: 'invalid_grant',
        error_description: 'refresh token is invalid, expired or revoked',
      });
    }
    return jsonReply(200, {
      access_token: opaqueToken(),
      token_type: 'Bearer',
      expires_in: issuer.lifetimeSeconds,
      refresh_token: issuer.secrets.succeed(spent, opaqueToken()),
      scope: form.get('scope') ?? 'read',
    });
  },
  revoke(request, issuer) {
    if (!isFor(request, 'POST', '/revoke')) return undefined;
    const form = new URLSearchParams(request.body);
    if (!isAuthenticated(request, form)) return jsonReply(401, { error: 'invalid_client' });
    issuer.secrets.revoke(form.get('token') ?? '');
    return { status: 200, headers: {}, body: '' };
  },
  credential: (id, issuer) => ({
    id,
    provider: 'oauth2',
    config: { issuer: issuer.baseUrl, clientId: CLIENT_ID },
    material: {
      refreshToken: issuer.secrets.issue(opaqueToken()),
      clientSecret: CLIENT_SECRET,
    },
  }),
};

function isAuthenticated(request: StandInRequest, form: URLSearchParams): boolean {
  const [scheme, credentials] = (request.headers['authorization'] ?? '').split(' ');
  if (scheme === 'Basic') {
    const pair = Buffer.from(credentials ?? '', 'base64').toString('utf8');
    const [id, secret] = pair.split(':').map(formDecoded);
    return id === CLIENT_ID && secret === CLIENT_SECRET;
  }
  return form.get('client_id') === CLIENT_ID && form.get('client_secret') === CLIENT_SECRET;
}

/** Both halves are form-encoded before they are joined (RFC 6749, section 2.3.1). */
function formDecoded(text: string): string {
  return new URLSearchParams(`v=${text}`).get('v') ?? '';
}
