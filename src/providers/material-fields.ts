import { z } from 'zod';
import { secretText } from './wire/secret-text.js';

/** Schema of a token's expiry in material: an RFC 3339 time. */
const expiresAt = z.iso.datetime({ offset: true }).describe('When `accessToken` expires, RFC 3339');

/** Material of a provider that refreshes with the access token itself. */
export const accessTokenMaterial = z.strictObject({
  accessToken: secretText.describe('The current access token; it must still be valid'),
  expiresAt: expiresAt.exactOptional(),
});

/** Fields of a token to serve until the first refresh, beside material that the refresh spends. */
export const seedTokenFields = {
  accessToken: secretText
    .describe('A token that is already there, served until the first refresh')
    .exactOptional(),
  expiresAt: expiresAt.exactOptional(),
};

/** Whether `expiresAt` has the token that it belongs to. */
export function hasTokenForExpiry(material: {
  readonly accessToken?: string;
  readonly expiresAt?: string;
}): boolean {
  return material.expiresAt === undefined || material.accessToken !== undefined;
}

/** How a material with an `expiresAt` of no token is refused. */
export const EXPIRY_WITHOUT_TOKEN = { path: ['expiresAt'], message: 'belongs to an accessToken' };
