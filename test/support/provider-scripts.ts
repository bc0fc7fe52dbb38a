import type { Script } from '../../src/stand-ins/script.js';

/** Takes the request and never answers, without having done anything. */
export const hangBeforeWork: Script = () => ({ status: 0, headers: {}, body: '', lost: 'hang' });

/** Does what the provider would. */
export const faithfully: Script = (faithful) => faithful();

/** Notes when requests arrive. */
export class Arrivals {
  readonly #atMs: number[] = [];

  /** Milliseconds between one request and the next. */
  get gapsMs(): readonly number[] {
    return this.#atMs.slice(1).map((atMs, index) => atMs - (this.#atMs[index] ?? 0));
  }

  /** The script, noted. */
  of(script: Script): Script {
    return (faithful) => {
      this.#atMs.push(performance.now());
      return script(faithful);
    };
  }
}
