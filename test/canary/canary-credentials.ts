import type { Behaviour } from './echoing-provider.js';

/** A credential on its way through one path, and what the worker logs at its end. */
export interface CanaryCredential {
  readonly path: string;
  readonly entry: {
    readonly id: string;
    readonly provider: string;
    readonly config: object;
    readonly material: object;
  };
  /** Code of the failure, or the message of a success. */
  readonly logged: string;
}

/** Variable in which the worker finds a secret that never enters Temporal. */
export const WORKER_SECRET = 'EVERTOKEN_SECRET_CANARY';

const REFRESHED = 'credential refreshed';

/** One credential for each way in which a refresh can end. Every secret of them is a new one. */
export function canaryCredentials(
  address: (behaviour: Behaviour) => string,
  newSecret: () => string,
): readonly CanaryCredential[] {
  const oauth2 = (path: string, behaviour: Behaviour, logged: string): CanaryCredential => ({
    path,
    logged,
    entry: {
      id: `canary/${path}`,
      provider: 'oauth2',
      config: {
        tokenEndpoint: `${address(behaviour)}/token`,
        clientId: 'canary',
        extraFields: ['instance_url'],
      },
      material: { refreshToken: newSecret(), clientSecret: newSecret() },
    },
  });
  const other = (
    provider: string,
    path: string,
    behaviour: Behaviour,
    material: object,
    logged: string,
  ): CanaryCredential => ({
    path,
    logged,
    entry: { id: `canary/${path}`, provider, config: { baseUrl: address(behaviour) }, material },
  });
  const accessToken = (lifeMs: number): object => ({
    accessToken: newSecret(),
    expiresAt: new Date(Date.now() + lifeMs).toISOString(),
  });
  const absent = oauth2('no-worker-secret', 'grants', 'missing_secret');
  return [
    oauth2('oauth2', 'grants', REFRESHED),
    other('abitmedia', 'abitmedia', 'grants', { refreshToken: newSecret() }, REFRESHED),
    other('klavi', 'klavi', 'grants', accessToken(3_600_000), REFRESHED),
    other('vmware-csp', 'vmware', 'grants', { apiToken: { $workerEnv: WORKER_SECRET } }, REFRESHED),
    oauth2('permanent', 'refuses the grant', 'invalid_grant'),
    oauth2('token-as-code', 'names the token as error code', 'http_400'),
    other(
      'vmware-csp',
      'vmware-permanent',
      'refuses an API token',
      { apiToken: newSecret() },
      'invalid_grant',
    ),
    oauth2('page', 'shows a page', 'http_400'),
    other('klavi', 'refused', 'knows no such token', accessToken(3_600_000), 'http_401'),
    other('klavi', 'expired', 'knows no such token', accessToken(-3_600_000), 'beyond_renewal'),
    oauth2('client-rejected', 'knows no such client', 'invalid_client'),
    oauth2('down', 'is down', 'http_503'),
    oauth2('redirected', 'redirects', 'http_302'),
    oauth2('half', 'answers half a token', 'no_token_in_answer'),
    oauth2('empty', 'answers no token', 'no_token_in_answer'),
    oauth2('cut', 'cuts the connection', 'connection_lost'),
    {
      ...absent,
      entry: {
        ...absent.entry,
        material: { refreshToken: newSecret(), clientSecret: { $workerEnv: `${WORKER_SECRET}_2` } },
      },
    },
  ];
}
