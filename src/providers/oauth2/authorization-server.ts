import {
  allowInsecureRequests,
  customFetch,
  discoveryRequest,
  processDiscoveryResponse,
  type AuthorizationServer,
} from 'oauth4webapi';
import type { Send } from '../port.js';
import { WireError } from '../wire-error.js';
import type { OAuth2Config } from './config.js';

/** An authorization server whose token endpoint is known. */
export type TokenServer = AuthorizationServer & { readonly token_endpoint: string };

/** An authorization server whose revocation endpoint is known. */
export type RevocationServer = AuthorizationServer & { readonly revocation_endpoint: string };

/** The authorization server, as the configuration or its issuer's metadata describes it. */
export async function tokenServer(config: OAuth2Config, lookUp: Send): Promise<TokenServer> {
  const { issuer, tokenEndpoint } = config;
  if (tokenEndpoint !== undefined) {
    return { issuer: issuer ?? tokenEndpoint, token_endpoint: tokenEndpoint };
  }
  // The schema asks for one of the two.
  if (issuer === undefined) throw new WireError('look_up_failed', false);
  const metadata = await discovered(new URL(issuer), config.discovery, lookUp);
  return { ...metadata, token_endpoint: asAddress(metadata.token_endpoint) };
}

/** The server that revokes, by the configuration or its issuer's metadata; `undefined` if neither names one. */
export async function revocationServer(
  config: OAuth2Config,
  lookUp: Send,
): Promise<RevocationServer | undefined> {
  const { issuer, tokenEndpoint, revocationEndpoint } = config;
  if (revocationEndpoint !== undefined) {
    const name = issuer ?? tokenEndpoint ?? revocationEndpoint;
    return { issuer: name, revocation_endpoint: revocationEndpoint };
  }
  if (issuer === undefined) return undefined;
  const metadata = await discovered(new URL(issuer), config.discovery, lookUp);
  const { revocation_endpoint } = metadata;
  return revocation_endpoint === undefined
    ? undefined
    : { ...metadata, revocation_endpoint: asAddress(revocation_endpoint) };
}

/** Nobody has checked what metadata names. Without an address there is nothing wrong with the worker or the material. */
function asAddress(named: string | undefined): string {
  if (named === undefined || !URL.canParse(named)) throw new WireError('look_up_failed', false);
  return named;
}

async function discovered(
  issuer: URL,
  algorithm: OAuth2Config['discovery'],
  lookUp: Send,
): Promise<AuthorizationServer> {
  try {
    const answer = await discoveryRequest(issuer, {
      algorithm,
      // `lookUp` itself refuses http beyond loopback.
      [allowInsecureRequests]: true,
      [customFetch]: async (url, { method, headers }) => {
        const { status, headers: answered, text } = await lookUp({ method, url, headers });
        return new Response(text, { status, headers: answered });
      },
    });
    return await processDiscoveryResponse(issuer, answer);
  } catch (error) {
    // The library's errors hold whole answers, so they go no further.
    const refused = error instanceof WireError && error.code === 'destination_refused';
    throw new WireError(refused ? 'destination_refused' : 'look_up_failed', false);
  }
}
