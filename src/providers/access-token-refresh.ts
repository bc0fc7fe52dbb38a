import { accessTokenMaterial } from './material-fields.js';

/** What all providers have in common at which an access token refreshes itself. */
export const accessTokenRefresh = {
  materialSchema: accessTokenMaterial,
  secretFields: ['accessToken'],
  spentField: 'accessToken',
  literalFields: ['accessToken', 'expiresAt'],
  requiredFields: () => ['accessToken'] as const,
} as const;
