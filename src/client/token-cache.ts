import type { Token } from '../contract/credential.js';
import type { TokenAnswer } from '../contract/messages.js';

/** An answer that holds a token. */
export type KnownToken = TokenAnswer & { readonly token: Token };

interface Entry {
  readonly known: KnownToken;
  readonly receivedAt: number;
}

/** The newest token of each credential that this process has seen. In memory only. */
export class TokenCache {
  readonly #entries = new Map<string, Entry>();
  #moment = 0;

  get(id: string): KnownToken | undefined {
    return this.#entries.get(id)?.known;
  }

  /** Marks the moment at which a question goes out; its answer is kept with it. */
  ask(): number {
    this.#moment += 1;
    return this.#moment;
  }

  /**
   * Keeps an answer. One of an older generation replaces a newer one only if it was asked for after the newer one came.
   * Then the keeper was reset or made anew; otherwise the answer was merely late.
   */
  keep(answer: TokenAnswer, askedAt: number): void {
    if (!hasToken(answer)) return;
    const entry = this.#entries.get(answer.id);
    const isLate =
      entry !== undefined &&
      askedAt < entry.receivedAt &&
      answer.generation < entry.known.generation;
    if (!isLate) this.#entries.set(answer.id, { known: answer, receivedAt: this.ask() });
  }
}

/** Whether an answer holds a token; before the first refresh there may be none. */
export function hasToken(answer: TokenAnswer): answer is KnownToken {
  return answer.token !== undefined;
}
