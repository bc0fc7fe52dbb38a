import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Client } from '@temporalio/client';
import type { temporal } from '@temporalio/proto';
import { connectTokens } from '../../src/client/connect-tokens.js';
import type { TokenClient } from '../../src/client/token-client.js';
import { keeperWorkflowId } from '../../src/contract/names.js';
import { generateKey } from '../../src/encryption/key-ring.js';
import { createSealer } from '../../src/encryption/sealer.js';
import type { RefreshJournal } from '../../src/journal/port.js';
import { KeeperAdministration } from '../../src/keepers/administration.js';
import { loadConfig } from '../../src/settings/config.js';
import { createClient, loadTemporalTarget, openConnection } from '../../src/temporal/connection.js';
import { CliProcess } from '../support/cli-process.js';
import { FaultServer } from '../support/fault-server.js';
import { HoldingProxy } from '../support/holding-proxy.js';
import type { JournalPlace } from './journal-place.js';

type PendingActivity = temporal.api.workflow.v1.IPendingActivityInfo;

/** One deployment of its own: server, worker, journal and a service that reads tokens; each part can die. */
export class Lane {
  readonly folder: string;
  readonly place: JournalPlace;
  readonly server: FaultServer;
  /** Between the worker and the server. */
  readonly network: HoldingProxy;
  readonly journal: RefreshJournal;
  readonly client: Client;
  readonly tokens: TokenClient;
  readonly keepers: KeeperAdministration;
  readonly #env: Readonly<Record<string, string>>;
  #worker: CliProcess | undefined;
  #number = 0;

  private constructor(
    parts: Pick<
      Lane,
      'folder' | 'place' | 'server' | 'network' | 'journal' | 'client' | 'tokens'
    > & { readonly env: Readonly<Record<string, string>> },
  ) {
    this.folder = parts.folder;
    this.place = parts.place;
    this.server = parts.server;
    this.network = parts.network;
    this.journal = parts.journal;
    this.client = parts.client;
    this.tokens = parts.tokens;
    this.keepers = new KeeperAdministration(parts.client);
    this.#env = parts.env;
  }

  /** @param place where the journal rests; closed with the lane. */
  static async open(place: JournalPlace): Promise<Lane> {
    const folder = await mkdtemp(join(tmpdir(), 'evertoken-faults-'));
    const server = await FaultServer.start(folder);
    const network = await HoldingProxy.open(server.address);
    const env = {
      EVERTOKEN_ENCRYPTION_KEYS: generateKey(),
      EVERTOKEN_ALLOW_LOOPBACK: 'true',
      ...place.env,
      TEMPORAL_ADDRESS: server.address,
    };
    const { encryption } = loadConfig(env);
    const target = loadTemporalTarget(env, { allowCleartext: false });
    const lane = new Lane({
      folder,
      place,
      server,
      network,
      journal: await place.open(createSealer(encryption), target.namespace),
      client: createClient(target, await openConnection(target), encryption),
      tokens: await connectTokens({ env }),
      env: { ...env, TEMPORAL_ADDRESS: network.address },
    });
    await lane.startWorker();
    return lane;
  }

  /** Activities of a credential's keeper that have not ended, as the server knows them. */
  async pendingActivities(id: string): Promise<readonly PendingActivity[]> {
    const { raw } = await this.client.workflow.getHandle(keeperWorkflowId(id)).describe();
    return raw.pendingActivities ?? [];
  }

  /** Tells the tries of this lane apart. */
  nextNumber(): number {
    this.#number += 1;
    return this.#number;
  }

  get worker(): CliProcess {
    if (this.#worker === undefined) throw new Error('no worker runs');
    return this.#worker;
  }

  /** Starts the worker, again and again as a supervisor does while the server is away. */
  async startWorker(env: Readonly<Record<string, string>> = {}): Promise<void> {
    while (this.#worker === undefined) {
      this.#worker = await CliProcess.startWorker({ ...this.#env, ...env }).catch(() => undefined);
    }
  }

  /** Starts a worker that ended by itself again, and says so. */
  async supervise(): Promise<void> {
    const { worker } = this;
    if (!worker.hasEnded) return;
    process.stderr.write(`a worker ended by itself:\n${worker.lines.slice(-10).join('\n')}\n`);
    this.#worker = undefined;
    await this.startWorker();
  }

  /** Starts a second worker beside the first. */
  startAnother(): Promise<CliProcess> {
    return CliProcess.startWorker(this.#env);
  }

  /** Lets the second worker go on alone, once the first has finished what it does. */
  async replaceWorker(another: CliProcess): Promise<void> {
    await this.endWorker('SIGTERM');
    this.#worker = another;
  }

  /** Ends the worker, and resolves with its exit code; the signal is sent before this returns. */
  async endWorker(signal: 'SIGTERM' | 'SIGKILL'): Promise<number | null> {
    const { worker } = this;
    this.#worker = undefined;
    await worker.end(signal);
    return worker.ended();
  }

  async close(): Promise<void> {
    await this.#worker?.end('SIGKILL');
    await this.tokens.close();
    await this.client.connection.close();
    await this.network.close();
    await this.server.stop();
    await this.journal.close();
    await this.place.close();
    await rm(this.folder, { recursive: true, force: true });
  }
}
