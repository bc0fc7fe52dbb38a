import { performance } from 'node:perf_hooks';
import { setTimeout as delay } from 'node:timers/promises';
import { pacedAtMs } from '../policy/request-pace.js';

/** Spreads the requests that this process makes for a task queue with a rate limit evenly over each second. */
export class RequestPace {
  readonly #limits: Readonly<Record<string, number>>;
  /** When the last request of each task queue goes or went out. */
  readonly #lastAtMs = new Map<string, number>();

  /** @param limits requests a second by task queue that has a limit */
  constructor(limits: Readonly<Record<string, number>>) {
    this.#limits = limits;
  }

  /** Resolves when it is the turn of one more request of the task queue, after at most `PACE_WAIT_MAX_MS`. */
  async turn(taskQueue: string): Promise<void> {
    const limit = this.#limits[taskQueue];
    if (limit === undefined) return;
    const nowMs = performance.now();
    const atMs = pacedAtMs(this.#lastAtMs.get(taskQueue), limit, nowMs);
    this.#lastAtMs.set(taskQueue, atMs);
    if (atMs > nowMs) await delay(atMs - nowMs);
  }
}
