import { constants } from 'node:os';
import type { Runtime } from '@temporalio/worker';
import type { Config } from '../settings/config.js';
import { refusedAddress } from '../settings/refused-address.js';
import type { Logger } from '../telemetry/logger.js';
import { installTemporalRuntime } from '../telemetry/temporal-runtime.js';

/** The native code says it by these words alone. */
const METRICS_REFUSED = /prometheus/i;
/** How it ends a text about an error of the system. */
const SYSTEM_NUMBER = /\(os error (\d+)\)/;

/**
 * Installs the SDK's runtime for the workers of this process.
 * @throws ConfigError if this process cannot listen where Prometheus would find metrics
 */
export function installWorkerRuntime(
  config: Pick<Config, 'metricsAddress'>,
  logger: Logger,
): Runtime {
  const { metricsAddress } = config;
  try {
    return installTemporalRuntime(config, logger);
  } catch (error) {
    const isRefused = error instanceof Error && METRICS_REFUSED.test(error.message);
    if (metricsAddress === undefined || !isRefused) throw error;
    const code = systemCodeIn(error.message);
    throw refusedAddress('EVERTOKEN_METRICS_ADDRESS', metricsAddress, { code });
  }
}

function systemCodeIn(message: string): string | undefined {
  const number = Number(SYSTEM_NUMBER.exec(message)?.[1]);
  return Object.entries(constants.errno).find(([, value]) => value === number)?.[0];
}
