import type { ListenAddress } from '../contract/listen-address.js';
import type { CallerRules } from '../codec-server/callers.js';
import { defined } from '../contract/defined.js';
import { SECRET_VARIABLES, WORKER_SECRET_PREFIX } from '../contract/names.js';
import type { Encryption } from '../encryption/encryption.js';
import type { JournalLocation } from '../journal/journal-location.js';
import { cachedKeepers } from '../policy/cached-keepers.js';
import { SHARE_OF_A_HOST } from '../policy/fleet-numbers.js';
import type { SecretRule } from '../policy/secret-rules.js';
import { ConfigError } from './config-error.js';
import {
  type Environment,
  type LogLevel,
  readEnvironment,
  type SearchAttributeUse,
} from './environment.js';
import {
  callersOf,
  cleartextJournal,
  missingKeys,
  openCodecServer,
  twoJournals,
  twoRings,
  unknownVariable,
} from './problems.js';
import { processMemory } from './process-memory.js';
import type { RateLimits } from './rate-limits.js';
import { readSecretFiles } from './secret-files.js';

const PREFIX = 'EVERTOKEN_';

/** Where the journal of one host is unless a variable says otherwise. */
const DEFAULT_JOURNAL_DIRECTORY = '.evertoken/journal';

/** The checked environment. `docs/configuration.md` explains each variable. */
export interface Config {
  readonly encryption: Encryption;
  readonly journal: JournalLocation;
  /** Directory below which `$workerFile` may read; without it, it reads nothing. */
  readonly secretsDir?: string;
  /** Who may use which secret of the worker; without rules every credential may use each. */
  readonly secretRules?: readonly SecretRule[];
  /** Hosts (`host`, `host:port` or `*.host`, in lower case) to which material may be sent; without it, to every host. */
  readonly allowedHosts?: readonly string[];
  /** Whether material may be sent to this machine by http, as for the stand-ins of `dev`. */
  readonly allowLoopback: boolean;
  /** Whether Temporal and the journal's database may be reached beyond this machine without TLS. */
  readonly allowCleartext: boolean;
  readonly logLevel: LogLevel;
  readonly searchAttributes: SearchAttributeUse;
  /** Where Prometheus finds metrics; absent: nowhere. */
  readonly metricsAddress?: ListenAddress;
  /** Limits by provider; one without is not limited. */
  readonly rateLimits: RateLimits;
  /** Refreshes that one process makes at once for each task queue. */
  readonly refreshesAtOnce: number;
  /** How many of them may be at one host. */
  readonly refreshesPerHost: number;
  /** Keepers that one process remembers; the history of another is read and replayed at its next task. */
  readonly cachedKeepers: number;
  /** Version of this worker under Temporal's Worker Versioning; absent: the worker takes part in none. */
  readonly buildId?: string;
  readonly codecAddress: ListenAddress;
  /** Origins of the Temporal UIs that may ask the codec server. */
  readonly codecCorsOrigins: readonly string[];
  /** Whether the codec server seals what operators send. */
  readonly codecEncodes: boolean;
  /** Names by which the codec server may be called, beside IP addresses and names of this machine. */
  readonly codecHosts: readonly string[];
  /** How callers of the codec server prove who they are; without either, nobody is asked. */
  readonly codecCallers: CallerRules;
  /** Where probes find `/livez` and `/readyz` of the worker; absent: nowhere. */
  readonly healthAddress?: ListenAddress;
}

/**
 * Reads the environment; an empty or undefined variable counts as absent. Throws one `ConfigError` for all bad variables,
 * among them unknown ones that begin with `EVERTOKEN_`.
 */
export function loadConfig(env: NodeJS.ProcessEnv): Config {
  const set = Object.entries(env).filter(
    ([name, value]) =>
      name.startsWith(PREFIX) && !name.startsWith(WORKER_SECRET_PREFIX) && Boolean(value),
  );
  const files = readSecretFiles(Object.fromEntries(set), SECRET_VARIABLES);
  const ours = files.env;
  const { environment, problems: bad } = readEnvironment(ours);
  const problems = [
    ...files.problems,
    ...Object.keys(ours).flatMap((name) => unknownVariable(name)),
    ...bad,
    ...missingKeys(ours),
    ...twoJournals(ours),
    ...twoRings(ours),
    ...openCodecServer(environment),
    ...cleartextJournal(environment),
  ];
  if (environment === undefined || problems.length > 0) throw new ConfigError(problems);
  return toConfig(environment);
}

function toConfig(environment: Environment): Config {
  const {
    EVERTOKEN_ENCRYPTION_KEYS: ownerKeys,
    EVERTOKEN_READER_KEYS: readerKeys,
    EVERTOKEN_JOURNAL_DIR: directory = DEFAULT_JOURNAL_DIRECTORY,
    EVERTOKEN_JOURNAL_URL: url,
    EVERTOKEN_SECRETS_DIR: secretsDir,
    EVERTOKEN_WORKER_SECRETS: secretRules,
    EVERTOKEN_ALLOWED_HOSTS: allowedHosts,
    EVERTOKEN_METRICS_ADDRESS: metricsAddress,
    EVERTOKEN_REFRESHES_AT_ONCE: refreshesAtOnce,
    EVERTOKEN_BUILD_ID: buildId,
    EVERTOKEN_HEALTH_ADDRESS: healthAddress,
  } = environment;
  const keyRing = ownerKeys ?? readerKeys;
  return {
    encryption: { ...defined({ keyRing }), allowPlaintext: environment.EVERTOKEN_ALLOW_PLAINTEXT },
    journal: url === undefined ? { directory } : { url },
    allowLoopback: environment.EVERTOKEN_ALLOW_LOOPBACK,
    allowCleartext: environment.EVERTOKEN_ALLOW_CLEARTEXT,
    logLevel: environment.EVERTOKEN_LOG_LEVEL,
    searchAttributes: environment.EVERTOKEN_SEARCH_ATTRIBUTES,
    rateLimits: environment.EVERTOKEN_RATE_LIMITS,
    refreshesAtOnce,
    refreshesPerHost:
      environment.EVERTOKEN_REFRESHES_PER_HOST ?? Math.ceil(refreshesAtOnce * SHARE_OF_A_HOST),
    cachedKeepers: environment.EVERTOKEN_CACHED_KEEPERS ?? cachedKeepers(processMemory()),
    codecAddress: environment.EVERTOKEN_CODEC_ADDRESS,
    codecCorsOrigins: environment.EVERTOKEN_CODEC_CORS_ORIGINS,
    codecEncodes: environment.EVERTOKEN_CODEC_ENCODE,
    codecHosts: environment.EVERTOKEN_CODEC_HOSTS,
    codecCallers: callersOf(environment),
    ...defined({
      secretsDir,
      secretRules,
      allowedHosts,
      metricsAddress,
      buildId,
      healthAddress,
    }),
  };
}
