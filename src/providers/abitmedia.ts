import { z } from 'zod';
import * as configField from './config-fields.js';
import { defineProvider } from './define-provider.js';
import { seedToken } from './material-fields.js';
import { endpoint } from './wire/endpoint.js';
import { FORM_CONTENT_TYPE, formBody } from './wire/form.js';
import { judgeJson } from './wire/judge-json.js';
import { secretText } from './wire/secret-text.js';

const configSchema = z.strictObject({
  baseUrl: configField.baseUrl
    .default('https://id.abitmedia.app')
    .describe('Base address of the API'),
  encoding: z
    .enum(['json', 'form'])
    .default('json')
    .describe('How the request’s body is written; the page allows both'),
  rotates: configField.rotates.default(true),
});

const material = {
  refreshToken: {
    schema: secretText.describe('The refresh token; each refresh returns the next one'),
    isSpent: true,
    isReplaced: true,
  },
  ...seedToken,
};

const responseSchema = z.looseObject({
  success: z.literal(true).exactOptional().describe('Never false with a token'),
  accessToken: secretText.describe('The new access token'),
  refreshToken: z.unknown().exactOptional().describe('The next refresh token'),
  expiresIn: z.unknown().exactOptional().describe('Lifetime in seconds'),
});

/** The message is Spanish and may change, so nothing is decided by it. */
const errorSchema = z.looseObject({
  success: z.literal(false),
  status: z.number(),
  message: z.string(),
});

/** Abitmedia ID: a refresh token, returned anew by each refresh. */
export const abitmedia = defineProvider({
  name: 'abitmedia',
  title: 'Abitmedia ID',
  configSchema,
  material,
  responseSchema,
  // The sample's `expiresIn`.
  timing: { defaultLifetimeMs: 3_600_000 },
  configure: (config) => ({
    rotates: config.rotates,
    codes: {
      permanent: ['400'],
      transient: ['429', '500', '502', '503', '504'],
      clientRejected: [],
    },
    prepare: ({ refreshToken }) => {
      const fields = { refreshToken };
      const asJson = config.encoding === 'json';
      return {
        method: 'POST',
        url: endpoint(config.baseUrl, '/v1/refreshToken'),
        headers: {
          accept: 'application/json',
          'content-type': asJson ? 'application/json' : FORM_CONTENT_TYPE,
        },
        body: asJson ? JSON.stringify(fields) : formBody(fields),
      };
    },
    judge: (answer) =>
      judgeJson(answer, {
        granted: responseSchema,
        token: ({ accessToken, expiresIn, refreshToken }) => ({
          value: accessToken,
          lifetime: expiresIn,
          replacements: { refreshToken },
        }),
        refused: errorSchema,
        replacements: ({ refreshToken }) => ({ refreshToken }),
        // The body repeats the status, so that a refusal stays one when a gateway turns it into a 200.
        code: ({ status }) => status,
      }),
  }),
});
