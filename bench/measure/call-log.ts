import { quantile } from './statistics.js';

/** Times one call; a failure counts with its message, and with its time. */
export async function timedCall(calls: CallLog, work: () => Promise<unknown>): Promise<void> {
  const startedAt = performance.now();
  try {
    await work();
  } catch (error) {
    calls.failures.push(error instanceof Error ? error.message : String(error));
  }
  calls.ms.push(performance.now() - startedAt);
}

/** Times of many calls in milliseconds, and why those failed that did. */
export class CallLog {
  readonly ms: number[] = [];
  readonly failures: string[] = [];

  /** Median and 99th percentile of the times, and failures, as a sample of a round. */
  sample(): { readonly p50: number; readonly p99: number; readonly failed: number } {
    return {
      p50: quantile(this.ms, 0.5),
      p99: quantile(this.ms, 0.99),
      failed: this.failures.length,
    };
  }
}
