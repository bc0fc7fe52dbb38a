import {
  allowInsecureRequests,
  type Client,
  clockSkew,
  customFetch,
  refreshTokenGrantRequest,
  revocationRequest,
} from 'oauth4webapi';
import { defined } from '../../contract/defined.js';
import { ASSERTION_DATED_BACK_MS } from '../../policy/attempt-numbers.js';
import type { Now, Send, WireRequest } from '../port.js';
import { revocationServer, tokenServer } from './authorization-server.js';
import { clientAuthentication } from './client-authentication.js';
import type { OAuth2Config } from './config.js';
import type { OAuth2Material } from './material.js';

/**
 * The refresh request (RFC 6749, section 6). oauth4webapi writes it, as it writes all requests here, but does not send it.
 * The `fetch` that it gets only hands the request over, so that the request leaves through our own door.
 */
export async function refreshRequest(
  config: OAuth2Config,
  material: OAuth2Material,
  lookUp: Send,
  now: Now,
): Promise<WireRequest> {
  const authentication = await clientAuthentication(config, material);
  const [client, server] = await Promise.all([
    datedClient(config, now),
    tokenServer(config, lookUp),
  ]);
  const namedBy = config.tokenEndpoint === undefined ? config.issuer : undefined;
  return written(namedBy, (handOver) =>
    refreshTokenGrantRequest(server, client, authentication, material.refreshToken, {
      additionalParameters: parameters(config),
      ...handOver,
    }),
  );
}

/** What a revocation has beside the material of its login. */
interface Revocation {
  readonly accessToken: string | undefined;
  readonly lookUp: Send;
  readonly now: Now;
}

/**
 * The requests that end the grant (RFC 7009, section 2.1). The first revokes the refresh token. The second revokes the
 * access token, since a server need not end that with the refresh token.
 */
export async function revocationRequests(
  config: OAuth2Config,
  material: OAuth2Material,
  { accessToken, lookUp, now }: Revocation,
): Promise<readonly WireRequest[]> {
  const authentication = await clientAuthentication(config, material);
  const [client, server] = await Promise.all([
    datedClient(config, now),
    revocationServer(config, lookUp),
  ]);
  if (server === undefined) return [];
  const namedBy = config.revocationEndpoint === undefined ? config.issuer : undefined;
  const revoke = (token: string, token_type_hint: string): Promise<WireRequest> =>
    written(namedBy, (handOver) =>
      revocationRequest(server, client, authentication, token, {
        additionalParameters: { token_type_hint },
        ...handOver,
      }),
    );
  return Promise.all([
    revoke(material.refreshToken, 'refresh_token'),
    ...(accessToken === undefined ? [] : [revoke(accessToken, 'access_token')]),
  ]);
}

/** The client. Where it signs an assertion, that is dated by the given time: a server refuses one by a wrong clock as a wrong key. */
async function datedClient(config: OAuth2Config, now: Now): Promise<Client> {
  const client = { client_id: config.clientId };
  if (config.clientAuthentication !== 'private_key_jwt') return client;
  const datedMs = (await now()) - ASSERTION_DATED_BACK_MS;
  return { ...client, [clockSkew]: Math.floor((datedMs - Date.now()) / 1_000) };
}

/** Options with which oauth4webapi hands a request over instead of sending it. */
interface HandOver {
  readonly [allowInsecureRequests]: true;
  readonly [customFetch]: (url: string, options: HandedOver) => Promise<Response>;
}

interface HandedOver {
  readonly method: 'POST';
  readonly headers: Readonly<Record<string, string>>;
  readonly body: URLSearchParams;
}

/** The request that a function of oauth4webapi would send. `namedBy` is the issuer whose metadata named the address. */
function written(
  namedBy: string | undefined,
  send: (handOver: HandOver) => Promise<unknown>,
): Promise<WireRequest> {
  return new Promise((resolve, reject) => {
    send({
      // Sending refuses http beyond loopback.
      [allowInsecureRequests]: true,
      [customFetch]: (url, { method, headers, body }) => {
        resolve({
          method,
          url,
          headers,
          body: body.toString(),
          ...defined({ namedBy }),
        });
        return Promise.resolve(new Response());
      },
    }).catch(reject);
  });
}

function parameters(config: OAuth2Config): Record<string, string> {
  return {
    ...config.extraParameters,
    ...defined({ scope: config.scope, resource: config.resource }),
  };
}
