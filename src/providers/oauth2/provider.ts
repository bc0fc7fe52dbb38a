import { defineProvider } from '../define-provider.js';
import { judgeOAuth2Answer, oauth2ResponseSchema } from './answer.js';
import { clientIdentity } from './client-authentication.js';
import { oauth2Codes } from './codes.js';
import { oauth2ConfigSchema } from './config.js';
import { oauth2Material } from './material.js';
import { refreshRequest, revocationRequests } from './request.js';

/** Any authorization server with refresh tokens (RFC 6749, section 6). */
export const oauth2 = defineProvider({
  name: 'oauth2',
  title: 'OAuth 2.0',
  configSchema: oauth2ConfigSchema,
  material: oauth2Material,
  responseSchema: oauth2ResponseSchema,
  timing: {},
  configure: (config) => ({
    rotates: config.rotates,
    lifetimeUnit: config.lifetimeUnit,
    codes: oauth2Codes(config),
    client: (material) => clientIdentity(config, material),
    prepare: (material, lookUp, now) => refreshRequest(config, material, lookUp, now),
    revocations: (material, accessToken, lookUp, now) =>
      revocationRequests(config, material, { accessToken, lookUp, now }),
    judge: (answer) => judgeOAuth2Answer(answer, config),
  }),
});
