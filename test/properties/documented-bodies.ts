import type { JsonObject } from '../../src/contract/credential.js';

/** A body of a provider's page; none of them nests. */
export type DocumentedBody = Readonly<Record<string, string | number | boolean>>;

/** A credential of one provider, and the two bodies that its page shows. */
export interface DocumentedProvider {
  readonly config: JsonObject;
  readonly material: Readonly<Record<string, string>>;
  readonly granted: DocumentedBody;
  readonly refused: DocumentedBody;
}

/** Every built-in provider by name; each secret, sent or granted, holds `secret`. */
export function documentedProviders(secret: string): Readonly<Record<string, DocumentedProvider>> {
  const spent = `spent-${secret}`;
  const access = `access-${secret}`;
  const refresh = `refresh-${secret}`;
  return {
    abitmedia: {
      config: {},
      material: { refreshToken: spent },
      granted: {
        success: true,
        status: 200,
        message: 'Token de refresco exitoso',
        accessToken: access,
        refreshToken: refresh,
        expiresIn: 3_600,
      },
      refused: { success: false, status: 400, message: 'Token de refresco inválido o expirado' },
    },
    klavi: {
      config: {},
      material: { accessToken: spent },
      granted: { accessToken: access, expireIn: '1800' },
      refused: { statusCode: 401, error: 'Unauthorized', message: 'no' },
    },
    oauth2: {
      config: {
        tokenEndpoint: 'https://id.example/token',
        clientId: 'shop',
        clientAuthentication: 'client_secret_post',
        extraFields: ['instance_url', '__proto__'],
      },
      material: { refreshToken: spent, clientSecret: `client-${secret}` },
      granted: {
        access_token: access,
        token_type: 'Bearer',
        expires_in: 3_600,
        refresh_token: refresh,
        refresh_token_expires_in: 86_400,
        scope: 'read write',
        instance_url: 'https://eu.example',
      },
      refused: { error: 'invalid_grant', error_description: secret },
    },
    'oracle-commerce': {
      config: { baseUrl: 'https://shop.example' },
      material: { accessToken: spent },
      granted: { access_token: access, token_type: 'bearer', expires_in: 300 },
      refused: { status: '401', message: secret, errorCode: '1300' },
    },
    tavio: {
      config: { orgDomain: 'acme' },
      material: { accessToken: spent },
      granted: { token: access, expires_in: 3_600 },
      refused: { status: 999, error: 'None', message: 'no', path: '/', timestamp: '2026-08-22' },
    },
    'vmware-csp': {
      config: {},
      material: { apiToken: spent },
      granted: {
        access_token: access,
        token_type: 'bearer',
        expires_in: 1_799,
        scope: 'openid',
        refresh_token: spent,
      },
      refused: { moduleCode: 340, message: `invalid_grant: Invalid refresh token: ${secret}` },
    },
  };
}
