import { z } from 'zod';
import { SECRET_MAX_CHARS } from '../../policy/numbers.js';
import { EXPIRY_WITHOUT_TOKEN, hasTokenForExpiry, seedTokenFields } from '../material-fields.js';
import { secretText } from '../wire/secret-text.js';

/** Material of the `oauth2` provider. */
export const oauth2MaterialSchema = z
  .strictObject({
    refreshToken: secretText.describe('The refresh token'),
    clientSecret: secretText
      .describe('Client secret, for client_secret_basic and client_secret_post')
      .exactOptional(),
    clientPrivateKey: z
      .string()
      .min(1)
      .max(SECRET_MAX_CHARS)
      .describe('Private key for private_key_jwt: PEM (PKCS #8) or JWK')
      .exactOptional(),
    ...seedTokenFields,
  })
  .refine(hasTokenForExpiry, EXPIRY_WITHOUT_TOKEN);

/** Material of the `oauth2` provider, as its schema returns it. */
export type OAuth2Material = z.output<typeof oauth2MaterialSchema>;
