import { Runtime } from '@temporalio/worker';
import type { MetricsExporterConfig } from '@temporalio/worker';
import { addressText, type ListenAddress } from '../contract/listen-address.js';
import type { Logger } from './logger.js';
import { METRICS } from '../contract/names.js';
import { createTemporalLogger } from './temporal-logger.js';

/** Upper bounds in milliseconds, from a quick answer to the deadline of an answer. */
const DURATION_BUCKETS_MS = [50, 100, 250, 500, 1_000, 2_500, 5_000, 10_000, 20_000];

/**
 * Installs the runtime of Temporal's SDK for this process. The SDK's log lines then go to our logger, and Prometheus finds its
 * metrics and ours at `EVERTOKEN_METRICS_ADDRESS`. Call it once, before any connection of a worker.
 */
export function installTemporalRuntime(
  { metricsAddress }: { readonly metricsAddress?: ListenAddress },
  logger: Logger,
): Runtime {
  return Runtime.install({
    logger: createTemporalLogger(logger),
    telemetryOptions: {
      logging: { forward: {}, filter: { core: 'WARN' } },
      ...(metricsAddress && { metrics: prometheusAt(metricsAddress) }),
    },
  });
}

function prometheusAt(address: ListenAddress): MetricsExporterConfig {
  return {
    prometheus: {
      bindAddress: addressText(address),
      histogramBucketOverrides: { [METRICS.refreshDuration]: DURATION_BUCKETS_MS },
    },
  };
}
