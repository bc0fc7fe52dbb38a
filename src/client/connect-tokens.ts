import { coverage } from '../keepers/coverage.js';
import { TemporalKeepers } from '../keepers/temporal-keepers.js';
import { loadConfig } from '../settings/config.js';
import { createClient, loadTemporalTarget, openConnection } from '../temporal/connection.js';
import { TokenClient } from './token-client.js';

/** Where a token client finds its settings. */
export interface ConnectOptions {
  /**
   * Variables instead of the process's own: Temporal's `TEMPORAL_*`, and `EVERTOKEN_READER_KEYS`, which a service has in
   * place of the worker's `EVERTOKEN_ENCRYPTION_KEYS`.
   */
  readonly env?: Readonly<Record<string, string | undefined>>;
}

/**
 * Connects to the keepers. Make one client per process, so that all callers share its cache and its requests, and
 * `close` it at the end. Rejects with a `ConfigError`, a `TemporalSettingsError`, or within 8 s with a
 * `TemporalUnreachableError`.
 */
export async function connectTokens({
  env = process.env,
}: ConnectOptions = {}): Promise<TokenClient> {
  const config = loadConfig(env);
  const { encryption } = config;
  const target = loadTemporalTarget(env, config);
  const connection = await openConnection(target);
  const client = createClient(target, connection, encryption);
  return new TokenClient(new TemporalKeepers(client, { covers: coverage(encryption) }));
}
