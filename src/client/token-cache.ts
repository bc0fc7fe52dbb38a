import { defined } from '../contract/defined.js';
import type { TokenAnswer } from '../contract/messages.js';
import { accessToken, hasToken } from './access-token.js';
import type { AccessToken, KnownToken } from './access-token.js';
import { LOOK_AGAIN_MS, READ_AGAIN_MAX_MS, READ_AGAIN_SHARE, SWEPT_TOKENS_MIN } from './numbers.js';

/** A token from memory. */
export interface CachedToken {
  readonly known: KnownToken;
  /** The token as services use it, for as long as it is valid. */
  readonly accessToken: AccessToken;
  /** Whether it was read so long ago that the keeper may have replaced it, whatever the wall clock says. */
  readonly isOld: boolean;
  /** Whether its keeper was made anew since, and has no token yet: then generations count from an earlier one again. */
  readonly isFormer: boolean;
  /** How much longer it lives by its keeper's word, in milliseconds; 0 where the keeper was not asked for it. */
  readonly vouchedMs: number;
}

interface Entry {
  readonly known: KnownToken;
  readonly accessToken: AccessToken;
  readonly receivedAt: number;
  /** By the monotonic clock, as all times here but `lookedAtMs`: when this token, with this life, was read first. */
  readonly firstReadAtMs: number;
  /** When it was read last. */
  readonly readAtMs: number;
  /** When it is to be read again. */
  readonly oldAtMs: number;
  /** When it has been here for all of its life: then it is dead, whatever the wall clock says. */
  readonly deadAtMs: number;
  /** Until when its keeper has vouched for it. */
  readonly vouchedUntilMs: number;
  /** When its successor was looked for last, by the wall clock. */
  lookedAtMs?: number;
  /** As of the token that is handed out. */
  isFormer: boolean;
}

/** The newest token of each credential that this process has seen lately. In memory only. */
export class TokenCache {
  readonly #entries = new Map<string, Entry>();
  readonly #monotonicMs: () => number;
  #moment = 0;
  /** At so many tokens they are swept: twice as many as the last time left. */
  #sweptAtSize = SWEPT_TOKENS_MIN;
  #lastLook = { wallMs: Number.NaN, monotonicMs: Number.NaN };

  constructor(monotonicMs: () => number = () => performance.now()) {
    this.#monotonicMs = monotonicMs;
  }

  /** The token, unless it is dead; `nowMs` is the wall clock's. */
  get(id: string, nowMs: number): CachedToken | undefined {
    const entry = this.#entries.get(id);
    if (entry === undefined) return undefined;
    const monotonicMs = this.#monotonicAt(nowMs);
    if (monotonicMs >= entry.deadAtMs) return undefined;
    const { known, accessToken, oldAtMs, vouchedUntilMs, isFormer } = entry;
    const vouchedMs = Math.max(vouchedUntilMs - monotonicMs, 0);
    return { known, accessToken, isOld: monotonicMs >= oldAtMs, isFormer, vouchedMs };
  }

  /** Whether the successor of a token may be looked for now; if so, that counts as a look. `nowMs` is the wall clock's. */
  takesLook(id: string, nowMs: number): boolean {
    const entry = this.#entries.get(id);
    if (entry === undefined) return true;
    const { lookedAtMs, readAtMs, oldAtMs } = entry;
    // A short life is over before the usual pause is.
    const pauseMs = Math.min(LOOK_AGAIN_MS, oldAtMs - readAtMs);
    if (lookedAtMs !== undefined && Math.abs(nowMs - lookedAtMs) < pauseMs) return false;
    entry.lookedAtMs = nowMs;
    return true;
  }

  /** How many tokens are here. */
  get size(): number {
    return this.#entries.size;
  }

  /** Reading a clock takes longer than all the rest of a read, so a millisecond of the wall clock is looked up once. */
  #monotonicAt(wallMs: number): number {
    if (wallMs !== this.#lastLook.wallMs) {
      this.#lastLook = { wallMs, monotonicMs: this.#monotonicMs() };
    }
    return this.#lastLook.monotonicMs;
  }

  /** Marks the moment at which a question goes out; its answer is kept with it. */
  ask(): number {
    this.#moment += 1;
    return this.#moment;
  }

  /**
   * Keeps an answer. One of an older generation replaces a newer one only if it was asked for after the newer one came.
   * Then the keeper was reset or made anew; otherwise the answer was merely late. A keeper that has ended without a token has
   * revoked it, so an earlier one is forgotten. One that has no token yet was made anew, and the earlier one still serves, also
   * if the keeper was ended from outside before it had one.
   * @param vouchedMs how much longer the token lives by its keeper's word
   */
  keep(answer: TokenAnswer, askedAt: number, vouchedMs = 0): void {
    const entry = this.#entries.get(answer.id);
    if (!hasToken(answer)) {
      if (entry === undefined || askedAt < entry.receivedAt) return;
      if (isRevoked(answer)) this.#entries.delete(answer.id);
      else entry.isFormer = answer.generation < entry.known.generation;
      return;
    }
    const isLate =
      entry !== undefined &&
      askedAt < entry.receivedAt &&
      answer.generation < entry.known.generation;
    if (isLate) return;
    const readAtMs = this.#monotonicMs();
    const isSame = entry !== undefined && isSameLife(entry.known, answer);
    const firstReadAtMs = isSame ? entry.firstReadAtMs : readAtMs;
    const lifeMs = lifeMsOf(answer);
    this.#entries.set(answer.id, {
      known: answer,
      accessToken: accessToken(answer),
      receivedAt: this.ask(),
      firstReadAtMs,
      readAtMs,
      oldAtMs: readAtMs + Math.min(lifeMs * READ_AGAIN_SHARE, READ_AGAIN_MAX_MS),
      deadAtMs: firstReadAtMs + lifeMs,
      vouchedUntilMs: Math.max(readAtMs + vouchedMs, isSame ? entry.vouchedUntilMs : 0),
      isFormer: false,
      ...defined({ lookedAtMs: entry?.lookedAtMs }),
    });
    if (this.#entries.size >= this.#sweptAtSize) this.#sweep(readAtMs);
  }

  /** Lets go of dead tokens that nobody has read for as long as they lived. Until then they are known to be dead. */
  #sweep(monotonicMs: number): void {
    for (const [id, { readAtMs, firstReadAtMs, deadAtMs }] of this.#entries) {
      const lifeMs = deadAtMs - firstReadAtMs;
      if (monotonicMs >= Math.max(deadAtMs, readAtMs) + lifeMs) this.#entries.delete(id);
    }
    this.#sweptAtSize = Math.max(SWEPT_TOKENS_MIN, 2 * this.#entries.size);
  }
}

function isRevoked({ status, lastFailure }: TokenAnswer): boolean {
  return status === 'stopped' && lastFailure?.code !== 'keeper_ended';
}

/** Some providers grant the token again that there is, with a life that begins anew: its age begins anew, too. */
function isSameLife({ token: one }: KnownToken, { token: other }: KnownToken): boolean {
  return (
    one.value === other.value &&
    one.issuedAtMs === other.issuedAtMs &&
    one.expiresAtMs === other.expiresAtMs
  );
}

/** Of a token that came with the file nobody may know when it was issued; then its life could be any. */
function lifeMsOf({ token: { issuedAtMs, expiresAtMs } }: KnownToken): number {
  return expiresAtMs > issuedAtMs ? expiresAtMs - issuedAtMs : Number.POSITIVE_INFINITY;
}
