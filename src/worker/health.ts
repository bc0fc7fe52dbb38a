import type { NativeConnection, Worker } from '@temporalio/worker';
import type { RefreshJournal } from '../journal/port.js';
import type { Config } from '../settings/config.js';
import { READY_CHECK_DEADLINE_MS } from '../telemetry/health-server.js';
import { type HealthServer, listenHealthServer } from '../telemetry/health-server.js';

/** The parts that make up the health of a worker process. */
export interface WorkerParts {
  readonly config: Pick<Config, 'healthAddress'>;
  readonly connection: NativeConnection;
}

/** Starts the server for probes, if the settings name an address. */
export async function openHealth(
  { config, connection }: WorkerParts,
  workers: readonly Worker[],
  journal: RefreshJournal,
): Promise<HealthServer | undefined> {
  if (config.healthAddress === undefined) return undefined;
  return listenHealthServer(config.healthAddress, {
    temporal: async () => {
      await connection.withDeadline(Date.now() + READY_CHECK_DEADLINE_MS, () =>
        connection.workflowService.getSystemInfo({}),
      );
    },
    polling: () =>
      workers.every((worker) => worker.getState() === 'RUNNING')
        ? Promise.resolve()
        : Promise.reject(new Error('a worker does not poll')),
    journal: () => journal.check(),
  });
}
