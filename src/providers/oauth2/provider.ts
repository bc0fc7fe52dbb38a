import { defineProvider } from '../define-provider.js';
import { judgeOAuth2Answer, oauth2ResponseSchema } from './answer.js';
import { authenticationFields, clientIdentity } from './client-authentication.js';
import { oauth2Codes } from './codes.js';
import { oauth2ConfigSchema } from './config.js';
import { oauth2MaterialSchema } from './material.js';
import { refreshRequest, revocationRequests } from './request.js';

/** Any authorization server with refresh tokens (RFC 6749, section 6). */
export const oauth2 = defineProvider({
  name: 'oauth2',
  title: 'OAuth 2.0',
  configSchema: oauth2ConfigSchema,
  materialSchema: oauth2MaterialSchema,
  responseSchema: oauth2ResponseSchema,
  secretFields: ['refreshToken', 'clientSecret', 'clientPrivateKey', 'accessToken'],
  spentField: 'refreshToken',
  literalFields: ['refreshToken', 'accessToken', 'expiresAt'],
  timing: {},
  requiredFields: (config) => ['refreshToken', ...authenticationFields(config)],
  rotates: (config) => config.rotates,
  client: clientIdentity,
  lifetimeUnit: (config) => config.lifetimeUnit,
  codes: oauth2Codes,
  prepare: refreshRequest,
  revocations: revocationRequests,
  judge: judgeOAuth2Answer,
});
