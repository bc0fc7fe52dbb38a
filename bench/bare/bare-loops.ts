import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Client, Client as TemporalClient } from '@temporalio/client';
import { bundleWorkflowCode, DefaultLogger } from '@temporalio/worker';
import { createDataConverter } from '../../src/encryption/data-converter.js';
import { generateKey } from '../../src/encryption/key-ring.js';
import { RUN_MAX_REFRESHES } from '../../src/policy/keeper-numbers.js';
import { loadConfig } from '../../src/settings/config.js';
import { CALLS_AT_ONCE, terminate, waitingOf } from '../fleet/temporal-client.js';
import { WorkerProcess } from '../fleet/worker-process.js';
import { atOnce } from '../measure/at-once.js';
import type { BenchServer } from '../server/bench-server.js';
import { NAMESPACE } from '../server/bench-server.js';
import type { BareWorkerOrder, BareWorkerReport } from './messages.js';
import { BARE_TASK_QUEUE, BARE_WORKFLOW_TYPE, type BareLoopInput, type Part } from './parts.js';

const MAIN = fileURLToPath(new URL('./worker-main.js', import.meta.url));
const WORKFLOWS = fileURLToPath(new URL('./workflows.js', import.meta.url));

const REPORT: BareWorkerOrder = { do: 'report' };

let made = 0;

/** How bare loops differ from each other. */
export interface BareLoopOptions {
  readonly periodMs: number;
  readonly parts?: readonly Part[];
  /** Where the `request` part asks. */
  readonly url?: string;
}

/** Bundles the bare loop; returns the path of the bundle. */
export async function bundleBareLoop(folder: string): Promise<string> {
  const { code } = await bundleWorkflowCode({
    workflowsPath: WORKFLOWS,
    logger: new DefaultLogger('ERROR'),
  });
  const path = join(folder, 'bare-workflows.js');
  await writeFile(path, code);
  return path;
}

/** Bare loops with a worker of their own: what a fleet of keepers is measured against. */
export class BareLoops {
  readonly worker: WorkerProcess;
  readonly ids: string[] = [];
  readonly #client: Client;
  readonly #input: BareLoopInput;

  private constructor(worker: WorkerProcess, client: Client, input: BareLoopInput) {
    this.worker = worker;
    this.#client = client;
    this.#input = input;
  }

  static async open(
    server: BenchServer,
    folder: string,
    bundle: string,
    bare: Client,
    { periodMs, parts = [], url = '' }: BareLoopOptions,
  ): Promise<BareLoops> {
    const env = parts.includes('encryption') ? { EVERTOKEN_ENCRYPTION_KEYS: generateKey() } : {};
    const worker = await WorkerProcess.start(folder, [MAIN, server.address, bundle], env);
    const client = parts.includes('encryption')
      ? new TemporalClient({
          connection: bare.connection,
          namespace: NAMESPACE,
          dataConverter: createDataConverter(loadConfig(env).encryption),
        })
      : bare;
    return new BareLoops(worker, client, {
      periodMs,
      parts,
      url,
      turnsOfRun: RUN_MAX_REFRESHES,
    });
  }

  /**
   * Starts so many more; the first turn of each begins at once, unless its own input says otherwise.
   * @returns their workflow IDs
   */
  async start(
    count: number,
    ownInput: () => Partial<BareLoopInput> = () => ({}),
  ): Promise<readonly string[]> {
    const ids = Array.from({ length: count }, () => `bare:${(made += 1)}`);
    this.ids.push(...ids);
    await atOnce(CALLS_AT_ONCE, ids, (workflowId) =>
      this.#client.workflow.start(BARE_WORKFLOW_TYPE, {
        workflowId,
        taskQueue: BARE_TASK_QUEUE,
        args: [{ ...this.#input, ...ownInput() }],
      }),
    );
    return ids;
  }

  report(): Promise<BareWorkerReport> {
    return this.worker.ask(REPORT);
  }

  /** Those of these for which a task or an activity waits, or is under way. */
  waiting(ids: readonly string[]): Promise<readonly string[]> {
    return waitingOf(this.#client, ids);
  }

  /** Ends some of the loops. */
  end(ids: readonly string[]): Promise<void> {
    return terminate(this.#client, ids);
  }

  /** Ends the loops, then the worker. */
  async close(): Promise<void> {
    await terminate(this.#client, this.ids);
    await this.worker.kill();
  }
}
