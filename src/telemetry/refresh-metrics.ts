import type { MetricMeter } from '@temporalio/common';
import type { FailureType } from '../contract/failures.js';
import { METRICS } from '../contract/names.js';

/** Counts what the refresh activity does. */
export interface RefreshMetrics {
  /** A new token, and how long the attempt took in milliseconds. */
  refreshed(provider: string, durationMs: number): void;
  /** An attempt without a token, with its reviewed code. */
  failed(provider: string, type: FailureType, code: string): void;
  /** A recorded answer was used, and no request was made. */
  answeredFromJournal(provider: string): void;
  journalWriteFailed(provider: string): void;
}

/**
 * Counts through a meter of Temporal's SDK, so that one page shows its metrics and ours. Labels are the provider's name and
 * reviewed codes. A credential's id is never a label, since each would make a time series of its own.
 */
export function createRefreshMetrics(meter: MetricMeter): RefreshMetrics {
  const refreshes = meter.createCounter(METRICS.refreshes, '1', 'Tokens refreshed');
  const failures = meter.createCounter(METRICS.refreshFailures, '1', 'Attempts without a token');
  const journalAnswers = meter.createCounter(
    METRICS.journalAnswers,
    '1',
    'Answers taken from the refresh journal instead of a request',
  );
  const journalWriteFailures = meter.createCounter(
    METRICS.journalWriteFailures,
    '1',
    'Failed writes of the refresh journal',
  );
  const duration = meter.createHistogram(
    METRICS.refreshDuration,
    'int',
    'ms',
    'Duration of successful attempts',
  );
  return {
    refreshed: (provider, durationMs) => {
      refreshes.add(1, { provider });
      duration.record(Math.round(durationMs), { provider });
    },
    failed: (provider, type, code) => failures.add(1, { provider, type, code }),
    answeredFromJournal: (provider) => journalAnswers.add(1, { provider }),
    journalWriteFailed: (provider) => journalWriteFailures.add(1, { provider }),
  };
}
