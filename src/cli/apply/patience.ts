import { APPLY_WAIT_MS } from '../numbers.js';

/** Decides how long `apply` goes on while nothing succeeds. */
export class Patience {
  #movedAtMs = performance.now();

  /** Something succeeded. */
  renew(): void {
    this.#movedAtMs = performance.now();
  }

  isOver(): boolean {
    return performance.now() - this.#movedAtMs >= APPLY_WAIT_MS;
  }
}
