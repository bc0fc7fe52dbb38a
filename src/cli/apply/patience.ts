import { setTimeout as delay } from 'node:timers/promises';
import { defined } from '../../contract/defined.js';
import { APPLY_WAIT_MS } from '../numbers.js';

/** Decides how long `apply` goes on while nothing succeeds. */
export class Patience {
  readonly #signal: AbortSignal | undefined;
  #movedAtMs = performance.now();

  /** @param signal ends it at once */
  constructor(signal?: AbortSignal) {
    this.#signal = signal;
  }

  /** Something succeeded. */
  renew(): void {
    this.#movedAtMs = performance.now();
  }

  isOver(): boolean {
    return this.#signal?.aborted === true || this.idleMs() >= APPLY_WAIT_MS;
  }

  /** Waits, unless the signal fires. */
  async pause(ms: number): Promise<void> {
    await delay(ms, undefined, defined({ signal: this.#signal })).catch(() => undefined);
  }

  /** How long nothing has succeeded. */
  idleMs(): number {
    return performance.now() - this.#movedAtMs;
  }
}
