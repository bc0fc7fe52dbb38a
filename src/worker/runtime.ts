import type { Runtime } from '@temporalio/worker';
import type { Config } from '../settings/config.js';
import { refusedAddress } from '../settings/refused-address.js';
import type { Logger } from '../telemetry/logger.js';
import { installTemporalRuntime } from '../telemetry/temporal-runtime.js';

/** The native code says it by these words alone. */
const METRICS_REFUSED = /prometheus/i;

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
    throw refusedAddress('EVERTOKEN_METRICS_ADDRESS', metricsAddress);
  }
}
