import { loadConfig } from '../config.js';
import { createClient, loadTemporalTarget, openConnection } from '../connection.js';
import { TemporalKeepers } from './temporal-keepers.js';
import { TokenClient } from './token-client.js';

/** Where a token client finds its settings. */
export interface ConnectOptions {
  /**
   * Variables instead of the process's own: Temporal's `TEMPORAL_*`, and `EVERTOKEN_ENCRYPTION_KEYS` as the worker
   * has them.
   */
  readonly env?: NodeJS.ProcessEnv;
}

/**
 * Connects to the keepers. One client per process is right: it shares its cache and its questions. Rejects with a
 * `ConfigError`, a `TemporalSettingsError`, or within 8 s with a `TemporalUnreachableError`.
 */
export async function connectTokens({
  env = process.env,
}: ConnectOptions = {}): Promise<TokenClient> {
  const { encryption } = loadConfig(env);
  const target = loadTemporalTarget(env);
  const connection = await openConnection(target);
  return new TokenClient(new TemporalKeepers(createClient(target, connection, encryption)));
}
