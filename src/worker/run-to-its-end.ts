import type { Worker } from '@temporalio/worker';
import { BROKEN_LOOK_MS, SHUTDOWN_GRACE_MS } from './numbers.js';

/** A worker broke, and the SDK did not say why. Its log lines do. */
export class BrokenWorkerError extends Error {
  override readonly name = 'BrokenWorkerError';

  constructor() {
    super('a worker broke; the lines of the log before this say why');
  }
}

/**
 * Runs a worker until it has ended; calls `onBroken` as soon as it is seen to be broken. The SDK's own promise never settles for one
 * whose polls the server refused for a minute, as with an API key that was withdrawn: it waits for polls that nobody makes any more. So
 * this rejects once the requests that were on the way must have finished.
 */
export function runToItsEnd(
  worker: Pick<Worker, 'run' | 'getState'>,
  onBroken: () => void,
): Promise<void> {
  return new Promise((resolve, reject) => {
    let brokenAtMs: number | undefined;
    const looks = setInterval(() => {
      if (worker.getState() !== 'FAILED') return;
      if (brokenAtMs === undefined) onBroken();
      brokenAtMs ??= performance.now();
      if (performance.now() - brokenAtMs >= SHUTDOWN_GRACE_MS) {
        clearInterval(looks);
        reject(new BrokenWorkerError());
      }
    }, BROKEN_LOOK_MS);
    worker
      .run()
      .finally(() => clearInterval(looks))
      .then(resolve, reject);
  });
}
