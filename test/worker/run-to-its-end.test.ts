import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Worker } from '@temporalio/worker';
import { SHUTDOWN_GRACE_MS } from '../../src/worker/numbers.js';
import { BrokenWorkerError, runToItsEnd } from '../../src/worker/run-to-its-end.js';

/** As the SDK's worker is once the server has refused its polls: broken, and without an end. */
class HeldWorker implements Pick<Worker, 'run' | 'getState'> {
  state: ReturnType<Worker['getState']> = 'RUNNING';
  #settle: (end: Promise<void>) => void = () => undefined;

  getState(): ReturnType<Worker['getState']> {
    return this.state;
  }

  run(): Promise<void> {
    return new Promise((resolve) => (this.#settle = resolve));
  }

  end(how: Promise<void>): void {
    this.#settle(how);
  }
}

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

describe('a worker that broke, and whose end the SDK never tells', () => {
  it('stops the others at once, and ends as soon as no request can be on the way any more', async () => {
    const worker = new HeldWorker();
    const stopOthers = vi.fn();
    const settled = vi.fn();
    const run = runToItsEnd(worker, stopOthers).catch((error: unknown) => {
      settled(error);
    });
    await vi.advanceTimersByTimeAsync(10 * SHUTDOWN_GRACE_MS);
    expect([stopOthers.mock.calls.length, settled.mock.calls.length]).toEqual([0, 0]);

    worker.state = 'FAILED';
    await vi.advanceTimersByTimeAsync(SHUTDOWN_GRACE_MS - 1);
    expect([stopOthers.mock.calls.length, settled.mock.calls.length]).toEqual([1, 0]);
    await vi.advanceTimersByTimeAsync(SHUTDOWN_GRACE_MS);
    await run;
    expect(settled).toHaveBeenCalledExactlyOnceWith(expect.any(BrokenWorkerError));
    expect([stopOthers.mock.calls.length, vi.getTimerCount()]).toEqual([1, 0]);
  });

  it('says why it broke where the SDK does tell', async () => {
    const worker = new HeldWorker();
    const run = runToItsEnd(worker, () => undefined);
    worker.state = 'FAILED';
    worker.end(Promise.reject(new Error('the cause')));
    await expect(run).rejects.toThrow('the cause');
    expect(vi.getTimerCount()).toBe(0);
  });
});
