import { z } from 'zod';
import * as configField from './config-fields.js';
import { defineProvider } from './define-provider.js';
import { renewingToken } from './material-fields.js';
import { bearer } from './wire/bearer.js';
import { endpoint } from './wire/endpoint.js';
import { judgeJson } from './wire/judge-json.js';
import { secretText } from './wire/secret-text.js';

const configSchema = z.strictObject({
  baseUrl: configField.baseUrl.describe(
    'Address of the tenant, such as https://ccstore-z00a.oracleoutsourcing.com',
  ),
  api: z
    .enum(['store', 'admin', 'agent'])
    .default('store')
    .describe('Whose token it is: a shopper’s, an administrator’s or application’s, an agent’s'),
  userInterface: z
    .boolean()
    .default(false)
    .describe('Use the path of Oracle’s own user interface, such as /ccstoreui/v1/refresh'),
  rotates: configField.rotates.default(false),
});

const responseSchema = z.looseObject({
  access_token: secretText.describe('The new access token, a JWT'),
  token_type: z.unknown().exactOptional().describe('Such as bearer'),
  expires_in: z
    .unknown()
    .exactOptional()
    .describe('Lifetime in seconds; older releases leave it out'),
});

/** The page of the error model says that numbers are strings. Servers send either. */
const textOrNumber = z.union([z.string(), z.number()]);

/** The two forms of the error model: one error, and several. Their messages are localized. */
const errorSchema = z.union([
  z.looseObject({ status: textOrNumber, message: z.string(), errorCode: textOrNumber }),
  z.looseObject({ status: textOrNumber, message: z.string(), errors: z.array(z.looseObject({})) }),
]);

/**
 * Oracle Commerce Cloud: an access token refreshes itself
 * (https://docs.oracle.com/cd/E90963_01/Cloud.10-17/ExtendingCC/html/s0203refreshanaccesstoken01.html).
 */
export const oracleCommerce = defineProvider({
  name: 'oracle-commerce',
  title: 'Oracle Commerce Cloud',
  configSchema,
  responseSchema,
  // The shortest life that the guides name (application key login). A refresh too early does no harm; one too late fails.
  timing: { defaultLifetimeMs: 300_000 },
  material: renewingToken,
  configure: (config) => ({
    rotates: config.rotates,
    prepare: ({ accessToken }) => ({
      method: 'POST',
      url: endpoint(
        config.baseUrl,
        `/cc${config.api}${config.userInterface ? 'ui' : ''}/v1/refresh`,
      ),
      headers: { ...bearer(accessToken), 'content-type': 'application/json' },
      body: '{}',
    }),
    judge: (answer) =>
      judgeJson(answer, {
        granted: responseSchema,
        token: (granted) => ({
          value: granted.access_token,
          tokenType: granted.token_type,
          lifetime: granted.expires_in,
          replacements: { accessToken: granted.access_token },
        }),
        refused: errorSchema,
        code: (refused) => refused['errorCode'],
      }),
  }),
});
