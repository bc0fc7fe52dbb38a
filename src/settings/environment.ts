import { z } from 'zod';
import { SECRET_VARIABLES } from '../contract/names.js';
import { REFRESHES_AT_ONCE } from '../policy/fleet-numbers.js';
import { rateLimitsValue } from './rate-limits.js';
import {
  bearerTokenValue,
  booleanValue,
  buildIdValue,
  cachedKeepersValue,
  countValue,
  hostListValue,
  keyRingValue,
  listenAddressValue,
  metricsAddressValue,
  originListValue,
  postgresUrlValue,
  readerKeysValue,
  secretRulesValue,
  secureUrlValue,
} from './values.js';

/** Levels of log lines, the most important first. */
const LOG_LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'trace'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

/** Whether keepers show search attributes: where they are registered, by the word of whoever applies, or never. */
const SEARCH_ATTRIBUTE_USES = ['auto', 'on', 'off'] as const;
export type SearchAttributeUse = (typeof SEARCH_ATTRIBUTE_USES)[number];

/** What each variable must be. */
export const environmentSchema = z.object({
  EVERTOKEN_ENCRYPTION_KEYS: keyRingValue.optional(),
  EVERTOKEN_READER_KEYS: readerKeysValue.optional(),
  EVERTOKEN_ALLOW_PLAINTEXT: booleanValue.default(false),
  EVERTOKEN_JOURNAL_DIR: z.string().optional(),
  EVERTOKEN_JOURNAL_URL: postgresUrlValue.optional(),
  EVERTOKEN_SECRETS_DIR: z.string().optional(),
  EVERTOKEN_WORKER_SECRETS: secretRulesValue.optional(),
  EVERTOKEN_ALLOWED_HOSTS: hostListValue.optional(),
  EVERTOKEN_ALLOW_LOOPBACK: booleanValue.default(false),
  EVERTOKEN_ALLOW_CLEARTEXT: booleanValue.default(false),
  EVERTOKEN_LOG_LEVEL: z
    .enum(LOG_LEVELS, { error: `not one of ${LOG_LEVELS.join(', ')}` })
    .default('info'),
  EVERTOKEN_METRICS_ADDRESS: metricsAddressValue.optional(),
  EVERTOKEN_RATE_LIMITS: rateLimitsValue.default({}),
  EVERTOKEN_REFRESHES_AT_ONCE: countValue.default(REFRESHES_AT_ONCE),
  EVERTOKEN_REFRESHES_PER_HOST: countValue.optional(),
  EVERTOKEN_CACHED_KEEPERS: cachedKeepersValue.optional(),
  EVERTOKEN_SEARCH_ATTRIBUTES: z
    .enum(SEARCH_ATTRIBUTE_USES, { error: `not one of ${SEARCH_ATTRIBUTE_USES.join(', ')}` })
    .default('auto'),
  EVERTOKEN_BUILD_ID: buildIdValue.optional(),
  EVERTOKEN_CODEC_ADDRESS: listenAddressValue.default({ host: '127.0.0.1', port: 8081 }),
  EVERTOKEN_CODEC_CORS_ORIGINS: originListValue.default([
    'http://127.0.0.1:8233',
    'http://localhost:8233',
  ]),
  EVERTOKEN_CODEC_ENCODE: booleanValue.default(false),
  EVERTOKEN_CODEC_HOSTS: hostListValue.default([]),
  EVERTOKEN_CODEC_TOKEN: bearerTokenValue.optional(),
  EVERTOKEN_CODEC_JWKS_URL: secureUrlValue.optional(),
  EVERTOKEN_CODEC_JWT_AUDIENCE: z.string().optional(),
  EVERTOKEN_CODEC_JWT_ISSUER: z.string().optional(),
  EVERTOKEN_CODEC_OPEN: booleanValue.default(false),
  EVERTOKEN_HEALTH_ADDRESS: listenAddressValue.optional(),
});

/** Variables whose values can be used. */
export type Environment = z.output<typeof environmentSchema>;

/** Names of all variables that evertoken reads, beside `EVERTOKEN_SECRET_*` and Temporal's `TEMPORAL_*`. */
export const ENVIRONMENT_VARIABLES: readonly string[] = [
  ...Object.keys(environmentSchema.shape),
  ...SECRET_VARIABLES.map((name) => `${name}_FILE`),
];
