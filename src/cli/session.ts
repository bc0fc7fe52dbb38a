import type { Client } from '@temporalio/client';
import type { KeeperPort } from '../client/keeper-port.js';
import { TokenClient } from '../client/token-client.js';
import type { KeeperAdministration } from '../keepers/administration.js';
import { coverage } from '../keepers/coverage.js';
import { TemporalKeepers } from '../keepers/temporal-keepers.js';
import { loadConfig } from '../settings/config.js';
import type { Config } from '../settings/config.js';
import { createClient, loadTemporalTarget, openConnection } from '../temporal/connection.js';
import type { TemporalTarget } from '../temporal/connection.js';
import { UsageError } from './errors.js';
import { CLI_CALL_DEADLINE_MS } from './numbers.js';

/** A connection to the keepers, for one command that only reads. */
export interface ReadSession {
  readonly config: Config;
  readonly target: TemporalTarget;
  readonly client: Client;
  /** Reads what the keepers themselves say. */
  readonly reader: KeeperPort;
  readonly tokens: TokenClient;
}

/** A connection to the keepers, for one command that may also change them. */
export interface CliSession extends ReadSession {
  readonly keepers: KeeperAdministration;
}

/**
 * As `withSession`, for a command that only owners may use.
 * @throws UsageError if the process has only reader keys
 */
export async function withOwnerSession<T>(
  env: NodeJS.ProcessEnv,
  work: (session: CliSession) => Promise<T>,
  callDeadlineMs = CLI_CALL_DEADLINE_MS,
): Promise<T> {
  const config = loadConfig(env);
  requireOwnerKeys(config);
  return withSession(env, work, callDeadlineMs, config);
}

/** @throws UsageError if the process has only reader keys */
export function requireOwnerKeys({ encryption: { keyRing } }: Pick<Config, 'encryption'>): void {
  if (keyRing === undefined || keyRing.isOwners) return;
  throw new UsageError(
    'this takes EVERTOKEN_ENCRYPTION_KEYS; with EVERTOKEN_READER_KEYS there are token, status, list, ' +
      'refresh without --now, and keys reader',
  );
}

/** As `withReadSession`, for a command that also changes keepers. */
export async function withSession<T>(
  env: NodeJS.ProcessEnv,
  work: (session: CliSession) => Promise<T>,
  callDeadlineMs = CLI_CALL_DEADLINE_MS,
  config = loadConfig(env),
): Promise<T> {
  const reading = async (session: ReadSession): Promise<T> => {
    // Loaded only here, so that a command that only reads a token does not wait for it.
    const { KeeperAdministration } = await import('../keepers/administration.js');
    const { searchAttributes } = session.config;
    const keepers = new KeeperAdministration(session.client, callDeadlineMs, searchAttributes);
    return work({ ...session, keepers });
  };
  return withReadSession(env, reading, callDeadlineMs, config);
}

/** Connects, does the work, and closes the connection whatever happens. Each call ends within `callDeadlineMs`. */
export async function withReadSession<T>(
  env: NodeJS.ProcessEnv,
  work: (session: ReadSession) => Promise<T>,
  callDeadlineMs = CLI_CALL_DEADLINE_MS,
  config = loadConfig(env),
): Promise<T> {
  const target = loadTemporalTarget(env, config);
  const connection = await openConnection(target, callDeadlineMs);
  const client = createClient(target, connection, config.encryption);
  const reader = new TemporalKeepers(client, {
    callDeadlineMs,
    covers: coverage(config.encryption),
  });
  try {
    return await work({ config, target, client, reader, tokens: new TokenClient(reader) });
  } finally {
    await connection.close();
  }
}
