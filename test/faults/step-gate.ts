/** Something that happens once, and those who wait for it. */
export class StepGate {
  readonly passed: Promise<void>;
  #isOpen = false;
  #pass: () => void = () => undefined;

  constructor() {
    this.passed = new Promise((resolve) => (this.#pass = resolve));
  }

  get isOpen(): boolean {
    return this.#isOpen;
  }

  open(): void {
    this.#isOpen = true;
    this.#pass();
  }
}
