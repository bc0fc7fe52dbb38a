import type { Token } from '../contract/credential.js';
import type { TokenAnswer } from '../contract/messages.js';
import { READ_AGAIN_MAX_MS, READ_AGAIN_SHARE } from './numbers.js';

/** An answer that holds a token. */
export type KnownToken = TokenAnswer & { readonly token: Token };

interface Entry {
  readonly known: KnownToken;
  readonly receivedAt: number;
  /** By the monotonic clock: when it was read last, and when its generation was read first. */
  readonly readAtMs: number;
  readonly firstReadAtMs: number;
}

/** The newest token of each credential that this process has seen. In memory only. */
export class TokenCache {
  readonly #entries = new Map<string, Entry>();
  readonly #monotonicMs: () => number;
  #moment = 0;

  constructor(monotonicMs: () => number = () => performance.now()) {
    this.#monotonicMs = monotonicMs;
  }

  /** The token, unless it has been here for all of its life: then it is dead, whatever the wall clock says. */
  get(id: string): KnownToken | undefined {
    const entry = this.#entries.get(id);
    if (entry === undefined) return undefined;
    const isDead = this.#monotonicMs() - entry.firstReadAtMs >= lifeMsOf(entry.known);
    return isDead ? undefined : entry.known;
  }

  /** Whether the token was read so long ago that the keeper may have replaced it, whatever the wall clock says. */
  isOld(id: string): boolean {
    const entry = this.#entries.get(id);
    if (entry === undefined) return false;
    const ageMs = this.#monotonicMs() - entry.readAtMs;
    return ageMs >= Math.min(lifeMsOf(entry.known) * READ_AGAIN_SHARE, READ_AGAIN_MAX_MS);
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
    if (isLate) return;
    const readAtMs = this.#monotonicMs();
    const isSame = entry?.known.token.value === answer.token.value;
    const firstReadAtMs = isSame ? entry.firstReadAtMs : readAtMs;
    this.#entries.set(answer.id, {
      known: answer,
      receivedAt: this.ask(),
      readAtMs,
      firstReadAtMs,
    });
  }
}

/** Whether an answer holds a token; before the first refresh there may be none. */
export function hasToken(answer: TokenAnswer): answer is KnownToken {
  return answer.token !== undefined;
}

/** Of a token that came with the file nobody may know when it was issued; then its life could be any. */
function lifeMsOf({ token: { issuedAtMs, expiresAtMs } }: KnownToken): number {
  return expiresAtMs > issuedAtMs ? expiresAtMs - issuedAtMs : Number.POSITIVE_INFINITY;
}
