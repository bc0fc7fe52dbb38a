import { z } from 'zod';
import * as configField from './config-fields.js';
import { defineProvider } from './define-provider.js';
import { renewingToken } from './material-fields.js';
import { bearer } from './wire/bearer.js';
import { endpoint } from './wire/endpoint.js';
import { judgeJson } from './wire/judge-json.js';
import { secretText } from './wire/secret-text.js';

const configSchema = z.strictObject({
  baseUrl: configField.baseUrl
    .default('https://api.klavi.ai')
    .describe('Base address of the API; the sandbox is https://api-sandbox.klavi.ai'),
  api: z
    .enum(['monitor', 'data'])
    .default('monitor')
    .describe('Which API the token is of: Monitor, or Link and Connect (data)'),
  rotates: configField.rotates.default(true),
});

const responseSchema = z.looseObject({
  accessToken: secretText.describe('The new access token, a JWT'),
  expireIn: z
    .unknown()
    .exactOptional()
    .describe('Lifetime in seconds, a number or a numeric string'),
});

const errorSchema = z.looseObject({
  statusCode: z.number(),
  error: z.string(),
  message: z.string(),
});

/** Klavi Monitor API: an access token refreshes itself, by a GET (https://docs.klavi.ai/link/refresh-access-token). */
export const klavi = defineProvider({
  name: 'klavi',
  title: 'Klavi Monitor API',
  configSchema,
  responseSchema,
  // "default 1800 seconds"
  timing: { defaultLifetimeMs: 1_800_000 },
  material: renewingToken,
  configure: (config) => ({
    rotates: config.rotates,
    prepare: ({ accessToken }) => ({
      method: 'GET',
      url: endpoint(config.baseUrl, `/${config.api}/v1/refresh`),
      headers: { ...bearer(accessToken), accept: 'application/json' },
    }),
    judge: (answer) =>
      judgeJson(answer, {
        granted: responseSchema,
        token: ({ accessToken, expireIn }) => ({
          value: accessToken,
          lifetime: expireIn,
          replacements: { accessToken },
        }),
        refused: errorSchema,
        code: ({ statusCode }) => businessCode(statusCode, answer.status),
      }),
  }),
});

/** Klavi's business errors come with status 416 and a `statusCode` of their own, such as 4001. */
function businessCode(statusCode: number, httpStatus: number): number | undefined {
  return statusCode === httpStatus ? undefined : statusCode;
}
