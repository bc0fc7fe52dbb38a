/** What was started, to be ended in reverse order. */
export class Teardown {
  readonly #steps: (() => Promise<void> | void)[] = [];

  /** Registers how to end what was just started. */
  add(step: () => Promise<void> | void): void {
    this.#steps.push(step);
  }

  /** Ends everything, the latest first, whatever fails on the way; rejects with the first failure. */
  async run(): Promise<void> {
    const failures: unknown[] = [];
    for (let step = this.#steps.pop(); step !== undefined; step = this.#steps.pop()) {
      try {
        await step();
      } catch (error) {
        failures.push(error);
      }
    }
    if (failures.length > 0) throw failures[0];
  }
}
