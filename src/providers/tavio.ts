import { z } from 'zod';
import * as configField from './config-fields.js';
import { defineProvider } from './define-provider.js';
import { renewingToken } from './material-fields.js';
import { bearer } from './wire/bearer.js';
import { endpoint } from './wire/endpoint.js';
import { judgeJson } from './wire/judge-json.js';
import { secretText } from './wire/secret-text.js';

const configSchema = z.strictObject({
  orgDomain: z
    .string()
    .regex(/^[A-Za-z0-9][A-Za-z0-9._-]*$/, 'must be an organisation domain, such as acme')
    .describe('Domain of the organisation, a part of the path'),
  baseUrl: configField.baseUrl
    .default('https://api.integrationmarketplace.io')
    .describe('Base address of the API'),
  authorizationScheme: z
    .string()
    .regex(/^[A-Za-z][A-Za-z0-9-]*$/)
    .default('Bearer')
    .describe('Scheme of the Authorization header'),
  lifetimeField: z
    .string()
    .min(1)
    .default('expires_in')
    .describe('Name of the answer’s lifetime field, in seconds'),
  rotates: configField.rotates.default(true),
});

const responseSchema = z.looseObject({
  token: secretText.describe('The new access token'),
  expires_in: z.unknown().exactOptional().describe('Lifetime in seconds'),
});

/** The page shows one body for every error. Trust the HTTP status, never the `status` in the body. */
const errorSchema = z.looseObject({
  status: z.number(),
  error: z.string(),
  message: z.string(),
  path: z.string(),
  timestamp: z.string(),
});

/**
 * Tavio Public API: an access token renews itself
 * (https://docs.tavio.io/renews-an-existing-access-token-returning-a-new-token-with-extended-validity).
 */
export const tavio = defineProvider({
  name: 'tavio',
  title: 'Tavio Public API',
  configSchema,
  responseSchema,
  // The sample's `expires_in`.
  timing: { defaultLifetimeMs: 3_600_000 },
  material: renewingToken,
  configure: (config) => ({
    rotates: config.rotates,
    prepare: ({ accessToken }) => ({
      method: 'POST',
      url: endpoint(config.baseUrl, `/v1/${config.orgDomain}/auth/token/renew`),
      headers: {
        ...bearer(accessToken, config.authorizationScheme),
        accept: 'application/json',
        'content-type': 'application/json',
      },
    }),
    judge: (answer) =>
      judgeJson(answer, {
        granted: responseSchema,
        token: ({ token }, body) => ({
          value: token,
          lifetime: body[config.lifetimeField],
          replacements: { accessToken: token },
        }),
        refused: errorSchema,
      }),
  }),
});
