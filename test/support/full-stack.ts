import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Client, WorkflowHandle } from '@temporalio/client';
import { NativeConnection, type WorkerOptions } from '@temporalio/worker';
import type { CredentialSpec } from '../../src/contract/credential.js';
import type { KeeperInput } from '../../src/contract/keeper.js';
import {
  KEEPER_TASK_QUEUE,
  KEEPER_WORKFLOW_TYPE,
  keeperWorkflowId,
} from '../../src/contract/names.js';
import { resolveCredential } from '../../src/credentials/resolve-credential.js';
import { createDataConverter } from '../../src/encryption/data-converter.js';
import { generateKey } from '../../src/encryption/key-ring.js';
import { builtInProviders } from '../../src/providers/index.js';
import { createProviderRegistry } from '../../src/providers/registry.js';
import { type Config, loadConfig } from '../../src/settings/config.js';
import { type StandIns, startStandIns } from '../../src/stand-ins/index.js';
import type { StandInCredential } from '../../src/stand-ins/wire.js';
import { createLogger } from '../../src/telemetry/logger.js';
import { startWorkers } from '../../src/worker.js';
import type { credentialKeeper } from '../../src/workflows/index.js';
import { installQuietRuntime } from './quiet-runtime.js';
import { shared } from './shared-resources.js';
import type { TestNamespace, TestNamespaceOptions } from './test-namespace.js';

export type Keeper = WorkflowHandle<typeof credentialKeeper>;

/** Which build workers run. */
export interface Build {
  /** Default: the workflows as they are. */
  readonly workflowBundle?: WorkerOptions['workflowBundle'];
  /** Variables beside those of the stack. */
  readonly env?: Readonly<Record<string, string>>;
}

/** The workers of one process, as a deploy starts and stops them. */
export interface StackWorkers {
  /** Lets requests on the way finish; resolves when the workers have ended. */
  stop(): Promise<void>;
}

/** How a full stack differs from what production would be. */
export interface FullStackOptions {
  /** Opens the namespace: on the real server or on the time-skipping one. */
  readonly openNamespace: (options: TestNamespaceOptions) => Promise<TestNamespace>;
  /** Life of the stand-ins' tokens in seconds; default an hour. */
  readonly lifetimeSeconds?: number;
  /** The time-skipping server has no search attributes of ours. Default true. */
  readonly useSearchAttributes?: boolean;
  /** Variables beside the key and the journal. */
  readonly env?: Readonly<Record<string, string>>;
  /** What the first workers run. */
  readonly build?: Build;
}

/** Everything real but the providers, whose stand-ins speak over HTTP: workers, journal, encryption, server. */
export class FullStack {
  readonly config: Config;
  /** The environment that configures it; holds a key of its own. */
  readonly env: Readonly<Record<string, string>>;
  readonly folder: string;
  readonly namespace: TestNamespace;
  readonly standIns: StandIns;
  readonly logLines: string[] = [];
  readonly #useSearchAttributes: boolean;
  readonly #workers = new Set<StackWorkers>();

  private constructor(
    env: Readonly<Record<string, string>>,
    folder: string,
    namespace: TestNamespace,
    standIns: StandIns,
    useSearchAttributes: boolean,
  ) {
    this.env = env;
    this.config = loadConfig(env);
    this.folder = folder;
    this.namespace = namespace;
    this.standIns = standIns;
    this.#useSearchAttributes = useSearchAttributes;
  }

  static async open(options: FullStackOptions): Promise<FullStack> {
    installQuietRuntime();
    const folder = await mkdtemp(join(tmpdir(), 'evertoken-stack-'));
    const env = {
      EVERTOKEN_ENCRYPTION_KEYS: generateKey(),
      EVERTOKEN_ALLOW_LOOPBACK: 'true',
      EVERTOKEN_JOURNAL_DIR: join(folder, 'journal'),
      ...options.env,
    };
    const { encryption } = loadConfig(env);
    const [namespace, standIns] = await Promise.all([
      options.openNamespace({ dataConverter: createDataConverter(encryption) }),
      startStandIns({ lifetimeSeconds: options.lifetimeSeconds ?? 3_600 }),
    ]);
    const stack = new FullStack(
      env,
      folder,
      namespace,
      standIns,
      options.useSearchAttributes ?? true,
    );
    await stack.startWorkers(options.build);
    return stack;
  }

  get client(): Client {
    return this.namespace.client;
  }

  /** The workers that run, the oldest first. */
  get workers(): readonly StackWorkers[] {
    return [...this.#workers];
  }

  /** Starts workers beside those that run. */
  async startWorkers(build: Build = {}): Promise<StackWorkers> {
    const { address, namespace } = this.namespace;
    const connection = await NativeConnection.connect({ address });
    const write = (line: string): void => {
      this.logLines.push(line);
    };
    const env = { ...this.env, ...build.env };
    const running = await startWorkers({
      config: loadConfig(env),
      connection,
      namespace,
      env,
      log: createLogger({ logLevel: 'trace' }, { write }),
      metrics: new NoMetrics(),
      workflowBundle: build.workflowBundle ?? { codePath: await shared('workflowBundlePath') },
    });
    const workers = {
      stop: async (): Promise<void> => {
        this.#workers.delete(workers);
        running.shutdown();
        await running.ended;
        await connection.close();
      },
    };
    this.#workers.add(workers);
    return workers;
  }

  async stopWorkers(): Promise<void> {
    await Promise.all(this.workers.map((workers) => workers.stop()));
  }

  /** A credential of a stand-in, as `apply` would hand it to its keeper. */
  spec(provider: string, id: string): CredentialSpec {
    return this.resolve(this.standIns.of(provider).credential(id));
  }

  /** A credential of a credentials file, as `apply` would hand it to its keeper. */
  resolve(credential: StandInCredential): CredentialSpec {
    const resolved = resolveCredential(
      { ...credential, refresh: {} },
      {
        providers: createProviderRegistry(builtInProviders),
        env: {},
        readSecretFile: () => undefined,
        nowMs: Date.now(),
      },
    );
    if (!resolved.ok) throw new Error(JSON.stringify(resolved.problems));
    return resolved.value;
  }

  /** Starts the keeper of a stand-in's credential. */
  async startKeeper(spec: CredentialSpec): Promise<Keeper> {
    const useSearchAttributes = this.#useSearchAttributes;
    const input: KeeperInput = {
      apply: { spec, application: Date.now(), useSearchAttributes },
      useSearchAttributes,
    };
    const { workflowId } = await this.client.workflow.start<typeof credentialKeeper>(
      KEEPER_WORKFLOW_TYPE,
      { workflowId: keeperWorkflowId(spec.id), taskQueue: KEEPER_TASK_QUEUE, args: [input] },
    );
    return this.client.workflow.getHandle(workflowId);
  }

  async close(): Promise<void> {
    await this.stopWorkers();
    await this.standIns.close();
    await this.namespace.close();
    await rm(this.folder, { recursive: true, force: true });
  }
}

class NoMetrics {
  refreshed(): void {}
  failed(): void {}
  answeredFromJournal(): void {}
  journalWriteFailed(): void {}
}
