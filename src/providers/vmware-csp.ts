import { z } from 'zod';
import * as configField from './config-fields.js';
import { defineProvider } from './define-provider.js';
import { seedToken } from './material-fields.js';
import { endpoint } from './wire/endpoint.js';
import { FORM_CONTENT_TYPE, formBody } from './wire/form.js';
import { judgeJson } from './wire/judge-json.js';
import { secretText } from './wire/secret-text.js';

const PATH = '/csp/gateway/am/api/auth/api-tokens/authorize';

const configSchema = z.strictObject({
  baseUrl: configField.baseUrl
    .default('https://console.cloud.vmware.com')
    .describe('Base address; after the move to Broadcom https://console.tanzu.broadcom.com'),
  tokenParameter: z
    .enum(['api_token', 'refresh_token', 'refresh_token_in_query'])
    .default('api_token')
    .describe(
      'How the API token is sent; the two others are deprecated, and the last one puts it into the URL',
    ),
});

const material = {
  apiToken: {
    schema: secretText.describe('The API token of the Cloud Services console'),
    isSpent: true,
  },
  ...seedToken,
};

const responseSchema = z.looseObject({
  access_token: secretText.describe('The new access token, a JWT'),
  token_type: z.unknown().exactOptional().describe('Such as bearer'),
  expires_in: z.unknown().exactOptional().describe('Lifetime in seconds'),
  scope: z.unknown().exactOptional().describe('Scopes, space separated'),
});

const errorSchema = z.looseObject({ moduleCode: z.number(), message: z.string() });

/**
 * VMware Cloud Services: a long-lived API token buys access tokens. No refresh replaces it, so the answer's
 * `refresh_token` is not read.
 */
export const vmwareCsp = defineProvider({
  name: 'vmware-csp',
  title: 'VMware Cloud Services',
  configSchema,
  material,
  responseSchema,
  // 1799 s in every answer seen.
  timing: { defaultLifetimeMs: 1_799_000 },
  configure: (config) => ({
    rotates: false,
    codes: { permanent: ['invalid_grant'], transient: [], clientRejected: [] },
    prepare: ({ apiToken }) => {
      const inQuery = config.tokenParameter === 'refresh_token_in_query';
      const token = inQuery ? { refresh_token: apiToken } : { [config.tokenParameter]: apiToken };
      const query = inQuery ? `?${formBody(token)}` : '';
      return {
        method: 'POST',
        url: `${endpoint(config.baseUrl, PATH)}${query}`,
        headers: { accept: 'application/json', 'content-type': FORM_CONTENT_TYPE },
        body: formBody(inQuery ? {} : token),
      };
    },
    judge: (answer) =>
      judgeJson(answer, {
        granted: responseSchema,
        token: (granted) => ({
          value: granted.access_token,
          tokenType: granted.token_type,
          lifetime: granted.expires_in,
          scope: granted.scope,
        }),
        refused: errorSchema,
        code: ({ message }) => codeOf(message),
      }),
  }),
});

/** The OAuth code is the prefix of the message. The rest echoes the API token. */
function codeOf(message: string): string | undefined {
  return /^([a-z_]{1,40}):/.exec(message)?.[1];
}
