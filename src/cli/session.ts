import type { Client } from '@temporalio/client';
import { KeeperAdministration } from '../client/keeper-administration.js';
import { TemporalKeepers } from '../client/temporal-keepers.js';
import { TokenClient } from '../client/token-client.js';
import { loadConfig } from '../config.js';
import type { Config } from '../config.js';
import { createClient, loadTemporalTarget, openConnection } from '../connection.js';
import type { TemporalTarget } from '../connection.js';
import { CLI_CALL_DEADLINE_MS } from '../policy/numbers.js';

/** A connection to the keepers for the time of one command. */
export interface CliSession {
  readonly config: Config;
  readonly target: TemporalTarget;
  readonly client: Client;
  readonly tokens: TokenClient;
  readonly keepers: KeeperAdministration;
}

/** Connects, does the work, and closes whatever comes. Each call ends within `callDeadlineMs`. */
export async function withSession<T>(
  env: NodeJS.ProcessEnv,
  work: (session: CliSession) => Promise<T>,
  callDeadlineMs = CLI_CALL_DEADLINE_MS,
): Promise<T> {
  const config = loadConfig(env);
  const target = loadTemporalTarget(env);
  const connection = await openConnection(target, callDeadlineMs);
  const client = createClient(target, connection, config.encryption);
  try {
    return await work({
      config,
      target,
      client,
      tokens: new TokenClient(new TemporalKeepers(client, callDeadlineMs)),
      keepers: new KeeperAdministration(client, callDeadlineMs),
    });
  } finally {
    await connection.close();
  }
}
