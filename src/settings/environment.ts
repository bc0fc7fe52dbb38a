import { LOOPBACK } from '../contract/loopback.js';
import { SECRET_VARIABLES } from '../contract/names.js';
import { REFRESHES_AT_ONCE } from '../policy/fleet-numbers.js';
import { BadValueError } from './bad-value.js';
import { rateLimitsValue } from './rate-limits.js';
import type { ConfigProblem } from './config-error.js';
import {
  bearerTokenValue,
  booleanValue,
  buildIdValue,
  cachedKeepersValue,
  countValue,
  hostListValue,
  hostNamesValue,
  keyRingValue,
  listenAddressValue,
  metricsAddressValue,
  oneOf,
  originListValue,
  postgresUrlValue,
  readerKeysValue,
  secretRulesValue,
  secureUrlValue,
  textValue,
} from './values.js';
import type { Reader } from './values.js';

/** Levels of log lines, the most important first. */
const LOG_LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'trace'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

/**
 * Whether keepers show search attributes. `auto`: if the server lists them. `on`: also if it does not say. `off`:
 * never.
 */
const SEARCH_ATTRIBUTE_USES = ['auto', 'on', 'off'] as const;
export type SearchAttributeUse = (typeof SEARCH_ATTRIBUTE_USES)[number];

/** What each variable must be. */
const VARIABLES = {
  EVERTOKEN_ENCRYPTION_KEYS: optional(keyRingValue),
  EVERTOKEN_READER_KEYS: optional(readerKeysValue),
  EVERTOKEN_ALLOW_PLAINTEXT: orElse(booleanValue, false),
  EVERTOKEN_JOURNAL_DIR: optional(textValue),
  EVERTOKEN_JOURNAL_URL: optional(postgresUrlValue),
  EVERTOKEN_SECRETS_DIR: optional(textValue),
  EVERTOKEN_WORKER_SECRETS: optional(secretRulesValue),
  EVERTOKEN_ALLOWED_HOSTS: optional(hostListValue),
  EVERTOKEN_ALLOW_LOOPBACK: orElse(booleanValue, false),
  EVERTOKEN_ALLOW_CLEARTEXT: orElse(booleanValue, false),
  EVERTOKEN_LOG_LEVEL: orElse(oneOf(LOG_LEVELS), 'info'),
  EVERTOKEN_METRICS_ADDRESS: optional(metricsAddressValue),
  EVERTOKEN_RATE_LIMITS: orElse(rateLimitsValue, {}),
  EVERTOKEN_REFRESHES_AT_ONCE: orElse(countValue, REFRESHES_AT_ONCE),
  EVERTOKEN_REFRESHES_PER_HOST: optional(countValue),
  EVERTOKEN_CACHED_KEEPERS: optional(cachedKeepersValue),
  EVERTOKEN_SEARCH_ATTRIBUTES: orElse(oneOf(SEARCH_ATTRIBUTE_USES), 'auto'),
  EVERTOKEN_BUILD_ID: optional(buildIdValue),
  EVERTOKEN_CODEC_ADDRESS: orElse(listenAddressValue, { host: LOOPBACK, port: 8081 }),
  EVERTOKEN_CODEC_CORS_ORIGINS: orElse(originListValue, [
    `http://${LOOPBACK}:8233`,
    'http://localhost:8233',
  ]),
  EVERTOKEN_CODEC_ENCODE: orElse(booleanValue, false),
  EVERTOKEN_CODEC_HOSTS: orElse(hostNamesValue, []),
  EVERTOKEN_CODEC_TOKEN: optional(bearerTokenValue),
  EVERTOKEN_CODEC_JWKS_URL: optional(secureUrlValue),
  EVERTOKEN_CODEC_JWT_AUDIENCE: optional(textValue),
  EVERTOKEN_CODEC_JWT_ISSUER: optional(textValue),
  EVERTOKEN_CODEC_OPEN: orElse(booleanValue, false),
  EVERTOKEN_HEALTH_ADDRESS: optional(listenAddressValue),
} as const;

/** Variables whose values can be used. */
export type Environment = {
  readonly [Name in keyof typeof VARIABLES]: ReturnType<(typeof VARIABLES)[Name]>;
};

/** The same table by a type that ties each name to its own value. */
const READERS: {
  readonly [Name in keyof Environment]: (text: string | undefined) => Environment[Name];
} = VARIABLES;

/** Names of all variables that evertoken reads, beside `EVERTOKEN_SECRET_*` and Temporal's `TEMPORAL_*`. */
export const ENVIRONMENT_VARIABLES: readonly string[] = [
  ...Object.keys(VARIABLES),
  ...SECRET_VARIABLES.map((name) => `${name}_FILE`),
];

/** Reads one variable, or says what is wrong with it. */
export function readVariable<Name extends keyof Environment>(
  name: Name,
  env: NodeJS.ProcessEnv,
): { readonly value: Environment[Name] } | { readonly problems: readonly ConfigProblem[] } {
  try {
    return { value: READERS[name](env[name]) };
  } catch (error) {
    if (!(error instanceof BadValueError)) throw error;
    return { problems: error.complaints.map((reason) => ({ variable: name, reason })) };
  }
}

export function readEnvironment(env: NodeJS.ProcessEnv): {
  readonly environment: Environment | undefined;
  readonly problems: readonly ConfigProblem[];
} {
  const names = Object.keys(VARIABLES) as (keyof Environment)[];
  const read = names.map((name) => [name, readVariable(name, env)] as const);
  const problems = read.flatMap(([, result]) => ('problems' in result ? result.problems : []));
  if (problems.length > 0) return { environment: undefined, problems };
  const values = read.flatMap(([name, result]) =>
    'value' in result ? [[name, result.value]] : [],
  );
  return { environment: Object.fromEntries(values) as Environment, problems };
}

function optional<T>(read: Reader<T>): (text: string | undefined) => T | undefined {
  return (text) => (text === undefined ? undefined : read(text));
}

function orElse<T>(read: Reader<T>, fallback: NoInfer<T>): (text: string | undefined) => T {
  return (text) => (text === undefined ? fallback : read(text));
}
