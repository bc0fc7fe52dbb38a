import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Client } from '@temporalio/client';
import { connectTokens } from '../../src/client/connect-tokens.js';
import type { TokenClient } from '../../src/client/token-client.js';
import { keeperWorkflowId } from '../../src/contract/names.js';
import { loadCredentials } from '../../src/credentials/load-credentials.js';
import { generateKey } from '../../src/encryption/key-ring.js';
import { KeeperAdministration } from '../../src/keepers/administration.js';
import { TEMPORAL_CALL_DEADLINE_MS } from '../../src/temporal/numbers.js';
import { builtInProviders } from '../../src/providers/index.js';
import { createProviderRegistry } from '../../src/providers/registry.js';
import { loadConfig } from '../../src/settings/config.js';
import { createClient, loadTemporalTarget, openConnection } from '../../src/temporal/connection.js';
import { atOnce } from '../measure/at-once.js';
import type { BenchCredential } from '../provider/provider.js';
import type { BenchServer } from '../server/bench-server.js';
import { CALLS_AT_ONCE, terminate, waitingOf } from './temporal-client.js';
import { WorkerProcess } from './worker-process.js';

/** A worker answers about 200 questions a second. */
const STATUS_AT_ONCE = 8;

/** The command as it is shipped. */
export const COMMAND = fileURLToPath(new URL('../../../../dist/cli/main.js', import.meta.url));

/** How a fleet differs from what production would be. */
export interface FleetOptions {
  /** Variables beside those of the fleet. */
  readonly env?: Readonly<Record<string, string>>;
  /** Payloads are not sealed. */
  readonly isPlaintext?: true;
  /** Folder of the journal; default: one on the disk of temporary files. */
  readonly journalParent?: string;
}

/** Keepers with their workers, as production runs them: workers are processes of the built command. */
export class KeeperFleet {
  /** Variables of every process of the fleet. */
  readonly env: Readonly<Record<string, string>>;
  readonly ids: string[] = [];
  readonly #folder: string;
  readonly #journal: string;
  readonly #client: Client;
  readonly #keepers: KeeperAdministration;
  readonly #workers: WorkerProcess[] = [];

  private constructor(
    env: Readonly<Record<string, string>>,
    folder: string,
    journal: string,
    client: Client,
    keepers: KeeperAdministration,
  ) {
    this.env = env;
    this.#folder = folder;
    this.#journal = journal;
    this.#client = client;
    this.#keepers = keepers;
  }

  static async open(
    server: BenchServer,
    folder: string,
    options: FleetOptions = {},
  ): Promise<KeeperFleet> {
    const journal = await mkdtemp(join(options.journalParent ?? tmpdir(), 'evertoken-bench-'));
    const env = {
      TEMPORAL_ADDRESS: server.address,
      EVERTOKEN_JOURNAL_DIR: journal,
      EVERTOKEN_ALLOW_LOOPBACK: 'true',
      ...(options.isPlaintext
        ? { EVERTOKEN_ALLOW_PLAINTEXT: 'true' }
        : { EVERTOKEN_ENCRYPTION_KEYS: generateKey() }),
      ...options.env,
    };
    const config = loadConfig(env);
    const target = loadTemporalTarget(env, config);
    const client = createClient(target, await openConnection(target), config.encryption);
    const keepers = new KeeperAdministration(
      client,
      TEMPORAL_CALL_DEADLINE_MS,
      config.searchAttributes,
    );
    return new KeeperFleet(env, folder, journal, client, keepers);
  }

  /** Processes of the workers that run. */
  get workerPids(): readonly number[] {
    return this.#workers.filter(({ hasEnded }) => !hasEnded).map(({ pid }) => pid);
  }

  async startWorker(): Promise<WorkerProcess> {
    const worker = await WorkerProcess.start(this.#folder, [COMMAND, 'worker'], this.env);
    this.#workers.push(worker);
    return worker;
  }

  async killWorkers(): Promise<void> {
    await Promise.all(this.#workers.splice(0).map((worker) => worker.kill()));
  }

  /** Writes a credentials file; returns its path. */
  async writeFile(name: string, credentials: readonly BenchCredential[]): Promise<string> {
    const path = join(this.#folder, `${name}.json`);
    await writeFile(path, JSON.stringify({ credentials }), { mode: 0o600 });
    return path;
  }

  /** Starts the keepers of credentials; waits for no token. */
  async apply(credentials: readonly BenchCredential[]): Promise<void> {
    const file = await this.writeFile('applied', credentials);
    const specs = loadCredentials(file, {
      providers: createProviderRegistry(builtInProviders),
      env: {},
    });
    this.ids.push(...specs.map(({ id }) => id));
    await atOnce(CALLS_AT_ONCE, specs, (spec) => this.#keepers.apply(spec));
  }

  /** A client of its own, as each service has one. */
  connect(): Promise<TokenClient> {
    return connectTokens({ env: this.env });
  }

  /** When keepers say that they refresh next; those that refresh now are left out. */
  async plannedRefreshes(ids: readonly string[]): Promise<ReadonlyMap<string, number>> {
    const tokens = await this.connect();
    const plans = new Map<string, number>();
    await atOnce(STATUS_AT_ONCE, ids, async (id) => {
      const { nextRefreshAtMs, refreshing } = await tokens.status(id);
      if (nextRefreshAtMs !== undefined && !refreshing) plans.set(id, nextRefreshAtMs);
    });
    await tokens.close();
    return plans;
  }

  /** Those of these keepers for which a task or an activity waits, or is under way. */
  waiting(ids: readonly string[]): Promise<readonly string[]> {
    return waitingOf(this.#client, ids, keeperWorkflowId);
  }

  /** Ends some of the keepers. */
  end(ids: readonly string[]): Promise<void> {
    return terminate(this.#client, ids.map(keeperWorkflowId));
  }

  /** Ends the keepers and the workers, and removes the journal. */
  async close(): Promise<void> {
    await this.end(this.ids);
    await this.killWorkers();
    await this.#client.connection.close();
    await rm(this.#journal, { recursive: true, force: true });
  }
}
