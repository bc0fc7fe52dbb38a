import { hasContentType, isFor, jsonReply, notServed, type StandInRequest } from './message.js';
import { jwt, opaqueToken } from './token-text.js';
import type { StandInWire } from './wire.js';

/** Stand-in of VMware Cloud Services. Like the real one it echoes a refused API token in its message. */
export const vmwareCspStandIn: StandInWire = {
  provider: 'vmware-csp',
  rotation: 'none',
  refresh(request, issuer) {
    if (!isFor(request, 'POST', '/csp/gateway/am/api/auth/api-tokens/authorize')) {
      return notServed();
    }
    const apiToken = apiTokenOf(request);
    if (apiToken === undefined) return refused('invalid_request: Invalid request body');
    if (!issuer.spend(apiToken)) {
      return refused(`invalid_grant: Invalid refresh token: ${apiToken}`);
    }
    return jsonReply(200, {
      id_token: jwt(issuer.lifetimeSeconds),
      token_type: 'bearer',
      expires_in: issuer.lifetimeSeconds,
      scope: 'ALL_PERMISSIONS openid',
      access_token: jwt(issuer.lifetimeSeconds),
      // What the real one returns here is unknown; a client that stored this would fail at once.
      refresh_token: opaqueToken(),
    });
  },
  credential: (id, issuer) => ({
    id,
    provider: 'vmware-csp',
    config: { baseUrl: issuer.baseUrl },
    material: { apiToken: issuer.secrets.issue(opaqueToken()) },
  }),
};

/** The token in the form, under its name or the deprecated one, or in the query, deprecated too. */
function apiTokenOf(request: StandInRequest): string | undefined {
  if (!hasContentType(request, 'application/x-www-form-urlencoded')) return undefined;
  const form = new URLSearchParams(request.body);
  const query = new URLSearchParams(request.url.split('?')[1] ?? '');
  return (
    form.get('api_token') ?? form.get('refresh_token') ?? query.get('refresh_token') ?? undefined
  );
}

function refused(message: string): ReturnType<typeof jsonReply> {
  return jsonReply(400, { moduleCode: 340, message });
}
