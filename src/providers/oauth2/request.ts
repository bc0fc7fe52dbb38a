import { allowInsecureRequests, customFetch, refreshTokenGrantRequest } from 'oauth4webapi';
import type { Send, WireRequest } from '../port.js';
import { tokenServer } from './authorization-server.js';
import { clientAuthentication } from './client-authentication.js';
import type { OAuth2Config } from './config.js';
import type { OAuth2Material } from './material.js';

/**
 * The refresh request (RFC 6749, section 6), written by oauth4webapi and not sent: its `fetch` only hands the
 * request over, so that it leaves through our own door.
 */
export async function refreshRequest(
  config: OAuth2Config,
  material: OAuth2Material,
  lookUp: Send,
): Promise<WireRequest> {
  const authentication = await clientAuthentication(config, material);
  const server = await tokenServer(config, lookUp);
  return new Promise((resolve, reject) => {
    refreshTokenGrantRequest(
      server,
      { client_id: config.clientId },
      authentication,
      material.refreshToken,
      {
        additionalParameters: parameters(config),
        // Sending refuses http beyond loopback.
        [allowInsecureRequests]: true,
        [customFetch]: (url, { method, headers, body }) => {
          const namedBy = config.tokenEndpoint === undefined ? config.issuer : undefined;
          resolve({
            method,
            url,
            headers,
            body: body.toString(),
            ...(namedBy === undefined ? {} : { namedBy }),
          });
          return Promise.resolve(new Response());
        },
      },
    ).catch(reject);
  });
}

function parameters(config: OAuth2Config): Record<string, string> {
  return {
    ...config.extraParameters,
    ...(config.scope !== undefined && { scope: config.scope }),
    ...(config.resource !== undefined && { resource: config.resource }),
  };
}
