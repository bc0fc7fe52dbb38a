import type { NativeConnection } from '@temporalio/worker';
import type { RefreshJournal } from '../journal/port.js';
import type { Config } from '../settings/config.js';
import { refusedAddress } from '../settings/refused-address.js';
import { listenHealthServer, type ReadinessChecks } from '../telemetry/health-server.js';

/** The parts that make up the health of a worker process. */
export interface ProbedParts {
  readonly connection: NativeConnection;
  readonly journal: RefreshJournal;
  /** Whether every worker of the process polls. */
  readonly isPolling: () => boolean;
}

/** Answers probes of a worker process: live from the first moment, and not ready before it has its parts. */
export interface WorkerHealth {
  hasParts(parts: ProbedParts): void;
  close(): Promise<void>;
}

/**
 * Starts the server for probes, if the settings name an address.
 * @throws ConfigError if this process cannot listen there
 */
export async function openHealth({
  healthAddress,
}: Pick<Config, 'healthAddress'>): Promise<WorkerHealth | undefined> {
  if (healthAddress === undefined) return undefined;
  let known: ProbedParts | undefined;
  const ofParts = async (check: (parts: ProbedParts) => unknown): Promise<void> => {
    if (known === undefined) throw new Error('the worker is starting');
    await check(known);
  };
  const checks: ReadinessChecks = {
    temporal: (deadlineMs) =>
      ofParts(({ connection }) =>
        connection.withDeadline(Date.now() + deadlineMs, () =>
          connection.workflowService.getSystemInfo({}),
        ),
      ),
    polling: () =>
      ofParts(({ isPolling }) => {
        if (!isPolling()) throw new Error('a worker does not poll');
      }),
    journal: () => ofParts(({ journal }) => journal.check()),
  };
  const server = await listenHealthServer(healthAddress, checks).catch((error: unknown) => {
    throw refusedAddress('EVERTOKEN_HEALTH_ADDRESS', healthAddress, error);
  });
  return {
    hasParts: (found) => {
      known = found;
    },
    close: () => server.close(),
  };
}
