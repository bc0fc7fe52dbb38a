import { parseJsonObject } from '../providers/wire/json.js';
import { hasContentType, isFor, jsonReply, notServed, type StandInRequest } from './message.js';
import { jwt } from './token-text.js';
import type { StandInWire } from './wire.js';

/** The page names no life of refresh tokens; a stand-in's outlives any demonstration. */
const REFRESH_TOKEN_LIFE_S = 30 * 24 * 3_600;

/** Stand-in of Abitmedia ID. */
export const abitmediaStandIn: StandInWire = {
  provider: 'abitmedia',
  rotation: 'strict',
  refresh(request, issuer) {
    if (!isFor(request, 'POST', '/v1/refreshToken')) return notServed();
    if (!issuer.spend(refreshTokenOf(request))) {
      return jsonReply(400, {
        success: false,
        status: 400,
        message: 'Token de refresco inválido o expirado',
      });
    }
    return jsonReply(200, {
      success: true,
      status: 200,
      message: 'Token de refresco exitoso',
      accessToken: jwt(issuer.lifetimeSeconds),
      refreshToken: issuer.secrets.issue(jwt(REFRESH_TOKEN_LIFE_S)),
      expiresIn: issuer.lifetimeSeconds,
    });
  },
  credential: (id, issuer) => ({
    id,
    provider: 'abitmedia',
    config: { baseUrl: issuer.baseUrl },
    material: { refreshToken: issuer.secrets.issue(jwt(REFRESH_TOKEN_LIFE_S)) },
  }),
};

function refreshTokenOf(request: StandInRequest): string {
  if (hasContentType(request, 'application/x-www-form-urlencoded')) {
    return new URLSearchParams(request.body).get('refreshToken') ?? '';
  }
  const isJson = hasContentType(request, 'application/json');
  const sent = isJson ? parseJsonObject(request.body)?.['refreshToken'] : undefined;
  return typeof sent === 'string' ? sent : '';
}
