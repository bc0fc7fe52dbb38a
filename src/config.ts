import { z } from 'zod';
import { closestName } from './closest-name.js';
import {
  buildIdValue,
  hostListValue,
  keyRingValue,
  listenAddressValue,
  metricsAddressValue,
  originListValue,
  postgresUrlValue,
  rateLimitsValue,
} from './config-values.js';
import type { ListenAddress } from './config-values.js';
import type { Encryption } from './encryption/encryption.js';

/** Levels of log lines, the most important first. */
const LOG_LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'trace'] as const;
type LogLevel = (typeof LOG_LEVELS)[number];

const PREFIX = 'EVERTOKEN_';
/** Variables of this prefix are secrets that credentials name by `$env` or `$workerEnv`. */
const SECRET_PREFIX = 'EVERTOKEN_SECRET_';

const environmentSchema = z.object({
  EVERTOKEN_ENCRYPTION_KEYS: keyRingValue.optional(),
  EVERTOKEN_ALLOW_PLAINTEXT: z.stringbool({ error: 'not true or false' }).default(false),
  EVERTOKEN_JOURNAL_DIR: z.string().optional(),
  EVERTOKEN_JOURNAL_URL: postgresUrlValue.optional(),
  EVERTOKEN_SECRETS_DIR: z.string().optional(),
  EVERTOKEN_ALLOWED_HOSTS: hostListValue.optional(),
  EVERTOKEN_LOG_LEVEL: z
    .enum(LOG_LEVELS, { error: `not one of ${LOG_LEVELS.join(', ')}` })
    .default('info'),
  EVERTOKEN_METRICS_ADDRESS: metricsAddressValue.optional(),
  EVERTOKEN_RATE_LIMITS: rateLimitsValue.default({}),
  EVERTOKEN_BUILD_ID: buildIdValue.optional(),
  EVERTOKEN_CODEC_ADDRESS: listenAddressValue.default({ host: '127.0.0.1', port: 8081 }),
  EVERTOKEN_CODEC_CORS_ORIGINS: originListValue.default([
    'http://127.0.0.1:8233',
    'http://localhost:8233',
  ]),
});

/** Where the file journal is unless a variable says otherwise. */
const DEFAULT_JOURNAL_DIRECTORY = '.evertoken/journal';

/** Names of all variables that evertoken reads, beside `EVERTOKEN_SECRET_*` and Temporal's `TEMPORAL_*`. */
export const ENVIRONMENT_VARIABLES: readonly string[] = Object.keys(environmentSchema.shape);

/** The checked environment. `docs/configuration.md` explains each variable. */
export interface Config {
  readonly encryption: Encryption;
  readonly journal: JournalLocation;
  /** Directory below which `$workerFile` may read; without it, it reads nothing. */
  readonly secretsDir?: string;
  /** Hosts (`host`, `host:port` or `*.host`, in lower case) to which material may be sent; without it, to every host. */
  readonly allowedHosts?: readonly string[];
  readonly logLevel: LogLevel;
  /** Where Prometheus finds metrics; absent: nowhere. */
  readonly metricsAddress?: ListenAddress;
  /** Refreshes a second by provider, over all workers together; a provider without one is not limited. */
  readonly rateLimits: Readonly<Record<string, number>>;
  /** Version of this worker under Temporal's Worker Versioning; absent: the worker takes part in none. */
  readonly buildId?: string;
  readonly codecAddress: ListenAddress;
  /** Origins of the Temporal UIs that may ask the codec server. */
  readonly codecCorsOrigins: readonly string[];
}

/** Where the refresh journal is: in files of this host, or in a PostgreSQL database. The URL may hold a password. */
export type JournalLocation = { readonly directory: string } | { readonly url: string };

/** A variable that cannot be used, and why. The reason never holds its value. */
export interface ConfigProblem {
  readonly variable: string;
  readonly reason: string;
}

/** The environment cannot be used. The message names every bad variable, and no value. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
  readonly problems: readonly ConfigProblem[];

  constructor(problems: readonly ConfigProblem[]) {
    const lines = problems.map(({ variable, reason }) => `\n  ${variable}: ${reason}`);
    super(`environment cannot be used${lines.join('')}`);
    this.problems = problems;
  }
}

/**
 * Reads the environment; an empty variable counts as absent. Throws one `ConfigError` for all bad variables,
 * among them unknown ones that begin with `EVERTOKEN_`.
 */
export function loadConfig(env: NodeJS.ProcessEnv): Config {
  const ours = Object.entries(env).filter(
    ([name, value]) => name.startsWith(PREFIX) && !name.startsWith(SECRET_PREFIX) && value !== '',
  );
  const parsed = environmentSchema.safeParse(Object.fromEntries(ours));
  const problems = [
    ...ours.flatMap(([name]) => unknownVariable(name)),
    ...(parsed.error?.issues ?? []).map(({ path, message }) => ({
      variable: String(path[0]),
      reason: message,
    })),
    ...missingKeys(Object.fromEntries(ours)),
    ...twoJournals(Object.fromEntries(ours)),
  ];
  if (!parsed.success || problems.length > 0) throw new ConfigError(problems);
  return toConfig(parsed.data);
}

type Environment = z.output<typeof environmentSchema>;

function unknownVariable(name: string): ConfigProblem[] {
  if (ENVIRONMENT_VARIABLES.includes(name)) return [];
  const meant = closestName(name, ENVIRONMENT_VARIABLES);
  const hint = meant === undefined ? '' : `; did you mean ${meant}?`;
  return [{ variable: name, reason: `no variable of evertoken${hint}` }];
}

function missingKeys(ours: NodeJS.ProcessEnv): ConfigProblem[] {
  if (ours['EVERTOKEN_ENCRYPTION_KEYS'] !== undefined) return [];
  const { EVERTOKEN_ALLOW_PLAINTEXT: schema } = environmentSchema.shape;
  const allowPlaintext = schema.safeParse(ours['EVERTOKEN_ALLOW_PLAINTEXT']);
  if (!allowPlaintext.success || allowPlaintext.data) return [];
  return [
    {
      variable: 'EVERTOKEN_ENCRYPTION_KEYS',
      reason:
        'missing; make a key with `evertoken keys generate`, ' +
        'or set EVERTOKEN_ALLOW_PLAINTEXT=true to keep secrets unencrypted',
    },
  ];
}

function twoJournals(ours: NodeJS.ProcessEnv): ConfigProblem[] {
  const { EVERTOKEN_JOURNAL_DIR: directory, EVERTOKEN_JOURNAL_URL: url } = ours;
  if (directory === undefined || url === undefined) return [];
  return [
    {
      variable: 'EVERTOKEN_JOURNAL_URL',
      reason: 'set beside EVERTOKEN_JOURNAL_DIR; a worker has one journal',
    },
  ];
}

function toConfig(environment: Environment): Config {
  const {
    EVERTOKEN_ENCRYPTION_KEYS: keyRing,
    EVERTOKEN_JOURNAL_DIR: directory = DEFAULT_JOURNAL_DIRECTORY,
    EVERTOKEN_JOURNAL_URL: url,
    EVERTOKEN_SECRETS_DIR: secretsDir,
    EVERTOKEN_ALLOWED_HOSTS: allowedHosts,
    EVERTOKEN_METRICS_ADDRESS: metricsAddress,
    EVERTOKEN_BUILD_ID: buildId,
  } = environment;
  return {
    encryption: {
      ...(keyRing && { keyRing }),
      allowPlaintext: environment.EVERTOKEN_ALLOW_PLAINTEXT,
    },
    journal: url === undefined ? { directory } : { url },
    ...(secretsDir && { secretsDir }),
    ...(allowedHosts && { allowedHosts }),
    logLevel: environment.EVERTOKEN_LOG_LEVEL,
    ...(metricsAddress && { metricsAddress }),
    rateLimits: environment.EVERTOKEN_RATE_LIMITS,
    ...(buildId && { buildId }),
    codecAddress: environment.EVERTOKEN_CODEC_ADDRESS,
    codecCorsOrigins: environment.EVERTOKEN_CODEC_CORS_ORIGINS,
  };
}
