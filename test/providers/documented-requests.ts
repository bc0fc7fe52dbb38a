import type { StandInCredential } from '../../src/stand-ins/wire.js';

/** A request without what every HTTP client adds. */
export interface DocumentedRequest {
  readonly method: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** What each provider's page asks for, with default configuration. */
export const DOCUMENTED_REQUESTS: Readonly<
  Record<string, (credential: StandInCredential) => DocumentedRequest>
> = {
  tavio: ({ material }) => ({
    method: 'POST',
    url: '/v1/acme/auth/token/renew',
    headers: {
      authorization: `Bearer ${material['accessToken'] ?? ''}`,
      accept: 'application/json',
      'content-type': 'application/json',
    },
    body: '',
  }),
  klavi: ({ material }) => ({
    method: 'GET',
    url: '/monitor/v1/refresh',
    headers: {
      authorization: `Bearer ${material['accessToken'] ?? ''}`,
      accept: 'application/json',
    },
    body: '',
  }),
  abitmedia: ({ material }) => ({
    method: 'POST',
    url: '/v1/refreshToken',
    headers: { accept: 'application/json', 'content-type': 'application/json' },
    body: `{"refreshToken":"${material['refreshToken'] ?? ''}"}`,
  }),
  'oracle-commerce': ({ material }) => ({
    method: 'POST',
    url: '/ccstore/v1/refresh',
    headers: {
      authorization: `Bearer ${material['accessToken'] ?? ''}`,
      'content-type': 'application/json',
    },
    body: '{}',
  }),
  'vmware-csp': ({ material }) => ({
    method: 'POST',
    url: '/csp/gateway/am/api/auth/api-tokens/authorize',
    headers: {
      accept: 'application/json',
      'content-type': 'application/x-www-form-urlencoded',
    },
    body: `api_token=${material['apiToken'] ?? ''}`,
  }),
  oauth2: ({ material }) => ({
    method: 'POST',
    url: '/token',
    headers: {
      accept: 'application/json',
      authorization: `Basic ${basic('evertoken', material['clientSecret'] ?? '')}`,
      'content-type': 'application/x-www-form-urlencoded;charset=UTF-8',
    },
    body: `refresh_token=${material['refreshToken'] ?? ''}&grant_type=refresh_token`,
  }),
};

/** RFC 6749, section 2.3.1; a stand-in's secret has no character that a form encodes. */
function basic(clientId: string, clientSecret: string): string {
  return Buffer.from(`${clientId}:${clientSecret}`).toString('base64');
}
