import type { NativeConnection } from '@temporalio/worker';
import type { RefreshJournal } from '../journal/port.js';
import type { Config } from '../settings/config.js';
import { refusedAddress } from '../settings/refused-address.js';
import {
  type HealthServer,
  listenHealthServer,
  type ReadinessChecks,
} from '../telemetry/health-server.js';

/** The parts that make up the health of a worker process. */
export interface ProbedParts {
  readonly config: Pick<Config, 'healthAddress'>;
  readonly connection: NativeConnection;
  readonly journal: RefreshJournal;
  /** Whether every worker of the process polls. */
  readonly isPolling: () => boolean;
}

/**
 * Starts the server for probes, if the settings name an address.
 * @throws ConfigError if this process cannot listen there
 */
export async function openHealth({
  config: { healthAddress },
  connection,
  journal,
  isPolling,
}: ProbedParts): Promise<HealthServer | undefined> {
  if (healthAddress === undefined) return undefined;
  const checks: ReadinessChecks = {
    temporal: async (deadlineMs) => {
      await connection.withDeadline(Date.now() + deadlineMs, () =>
        connection.workflowService.getSystemInfo({}),
      );
    },
    polling: () =>
      isPolling() ? Promise.resolve() : Promise.reject(new Error('a worker does not poll')),
    journal: () => journal.check(),
  };
  return listenHealthServer(healthAddress, checks).catch((error: unknown) => {
    throw refusedAddress('EVERTOKEN_HEALTH_ADDRESS', healthAddress, error);
  });
}
