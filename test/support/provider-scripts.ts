import type { Script } from '../../src/stand-ins/script.js';

/** What a scripted answer consists of; 200, JSON and empty where nothing is said. */
interface ScriptedAnswer {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** Answers so, without spending anything. */
export function replyWith(answer: ScriptedAnswer): Script {
  return () => ({
    status: answer.status ?? 200,
    headers: { 'content-type': 'application/json', ...answer.headers },
    body: answer.body ?? '',
  });
}

/** Answers faithfully, but only after so many milliseconds. */
export function delayed(delayMs: number): Script {
  return (faithful) => ({ ...faithful(), delayMs });
}

/** Cuts the connection before the provider did anything. */
export function cutBeforeWork(): Script {
  return () => ({ status: 0, headers: {}, body: '', lost: 'cut' });
}

/** Cuts the connection after the work: the material is spent, the answer is lost. */
export function cutAfterWork(): Script {
  return (faithful) => ({ ...faithful(), lost: 'cut' });
}

/** Does the work and never answers. */
export function hangAfterWork(): Script {
  return (faithful) => ({ ...faithful(), lost: 'hang' });
}

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
