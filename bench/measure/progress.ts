/** Says what is being done, on standard error, with the time since the start of the question. */
export class Progress {
  readonly #startedAt = performance.now();
  readonly #question: string;

  constructor(question: string) {
    this.#question = question;
  }

  say(text: string): void {
    const seconds = Math.round((performance.now() - this.#startedAt) / 1_000);
    process.stderr.write(`${this.#question} ${String(seconds).padStart(5)} s  ${text}\n`);
  }
}
