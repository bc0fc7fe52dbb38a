import { z } from 'zod';
import { SECRET_MAX_CHARS } from '../../policy/attempt-numbers.js';
import { type MaterialOf, seedToken } from '../material-fields.js';
import { secretText } from '../wire/secret-text.js';
import { authenticationField, type OAuth2Config } from './config.js';

export const oauth2Material = {
  refreshToken: {
    schema: secretText.describe('The refresh token'),
    isSpent: true,
    isReplaced: true,
  },
  clientSecret: {
    schema: secretText
      .describe('Client secret, for client_secret_basic and client_secret_post')
      .exactOptional(),
    isRequired: (config: OAuth2Config): boolean => authenticationField(config) === 'clientSecret',
  },
  clientPrivateKey: {
    schema: z
      .string()
      .min(1)
      .max(SECRET_MAX_CHARS)
      .describe('Private key for private_key_jwt: PEM (PKCS #8) or JWK')
      .exactOptional(),
    isRequired: (config: OAuth2Config): boolean =>
      authenticationField(config) === 'clientPrivateKey',
  },
  ...seedToken,
};

export type OAuth2Material = MaterialOf<typeof oauth2Material>;
