import { APPLY_WAIT_MS } from '../numbers.js';

/** Decides how long `apply` goes on while nothing succeeds. */
export class Patience {
  #movedAtMs = performance.now();

  /** Something succeeded. */
  renew(): void {
    this.#movedAtMs = performance.now();
  }

  isOver(): boolean {
    return this.idleMs() >= APPLY_WAIT_MS;
  }

  /** How long nothing has succeeded. */
  idleMs(): number {
    return performance.now() - this.#movedAtMs;
  }
}
