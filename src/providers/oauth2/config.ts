import { z } from 'zod';
import { looksLikeSecretName } from '../../contract/secret-names.js';
import { LIFETIME_UNITS } from '../../policy/lifetime.js';
import { rotates, secureUrl } from '../config-fields.js';
import { SIGNING_ALGORITHMS } from './private-key.js';

/** Parameters that the request already has, and secrets, which belong to the material. */
const RESERVED_PARAMETERS = [
  'grant_type',
  'refresh_token',
  'client_id',
  'client_secret',
  'client_assertion',
  'client_assertion_type',
  'scope',
  'resource',
];

const extraParameters = z
  .record(z.string().min(1), z.string())
  .refine(
    (parameters) => RESERVED_PARAMETERS.every((name) => !Object.hasOwn(parameters, name)),
    `must not contain ${RESERVED_PARAMETERS.join(', ')}`,
  )
  .refine(
    (parameters) => !Object.keys(parameters).some(looksLikeSecretName),
    'must hold no secret: a configuration is shown to operators',
  );

/** Names of material, however a server writes them. */
const MATERIAL_NAMES = ['refreshtoken', 'clientsecret', 'clientprivatekey'];

const extraFields = z
  .array(z.string().min(1))
  .refine(
    (names) => !names.some(isMaterialName),
    'must not name material, such as refresh_token: services read these fields with the token',
  );

function isMaterialName(name: string): boolean {
  return MATERIAL_NAMES.includes(name.toLowerCase().replace(/[^a-z]/g, ''));
}

const codeList = z.array(z.string().min(1).max(64));

export const oauth2ConfigSchema = z
  .strictObject({
    clientId: z.string().min(1).describe('Client identifier'),
    issuer: secureUrl
      .describe('Issuer whose metadata names the token endpoint, read before each refresh')
      .exactOptional(),
    discovery: z
      .enum(['oidc', 'oauth2'])
      .default('oidc')
      .describe('Where the issuer’s metadata is: OpenID Connect Discovery, or RFC 8414'),
    tokenEndpoint: secureUrl
      .describe('Token endpoint; with it the issuer’s metadata is not read')
      .exactOptional(),
    revocationEndpoint: secureUrl
      .describe('Revocation endpoint (RFC 7009), for stop --revoke; without it the issuer’s')
      .exactOptional(),
    clientAuthentication: z
      .enum(['none', 'client_secret_basic', 'client_secret_post', 'private_key_jwt'])
      .default('client_secret_basic')
      .describe('How the client authenticates'),
    signingAlgorithm: z
      .enum(SIGNING_ALGORITHMS)
      .default('RS256')
      .describe('Algorithm of private_key_jwt'),
    keyId: z.string().min(1).describe('Key ID (kid) of private_key_jwt').exactOptional(),
    scope: z
      .string()
      .min(1)
      .describe('Scopes to ask for, space separated; without it the granted ones stay')
      .exactOptional(),
    resource: z.url().describe('Resource indicator (RFC 8707)').exactOptional(),
    extraParameters: extraParameters
      .default({})
      .describe('Further parameters of the request; no secrets'),
    extraFields: extraFields
      .default([])
      .describe('Fields of the answer that users of the token need, such as instance_url'),
    lifetimeUnit: z
      .enum(LIFETIME_UNITS)
      .default('seconds')
      .describe('What the answer’s expires_in counts in'),
    rotates: rotates.default(true),
    permanentCodes: codeList
      .default([])
      .describe('Further error codes that mean: the refresh token is dead'),
    transientCodes: codeList.default([]).describe('Further error codes that mean: try again'),
  })
  .refine((config) => config.issuer !== undefined || config.tokenEndpoint !== undefined, {
    path: ['tokenEndpoint'],
    message: 'is required where no issuer is given',
  });

export type OAuth2Config = z.output<typeof oauth2ConfigSchema>;

/** The material field that the client authenticates with; `undefined` if the client does not authenticate. */
export function authenticationField(
  config: OAuth2Config,
): 'clientSecret' | 'clientPrivateKey' | undefined {
  switch (config.clientAuthentication) {
    case 'none':
      return undefined;
    case 'client_secret_basic':
    case 'client_secret_post':
      return 'clientSecret';
    case 'private_key_jwt':
      return 'clientPrivateKey';
  }
}
