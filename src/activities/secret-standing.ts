import { clientRejectedDelayMs } from '../policy/backoff.js';
import { clientLookMs } from '../policy/client-look.js';
import {
  CLIENT_FORGOTTEN_MS,
  CLIENT_REJECTED_BY_MIN,
  CLIENT_UNDECIDED_MS,
} from '../policy/fleet-numbers.js';

/** How the provider rejected a client. */
export interface Rejection {
  /** Reviewed code. */
  readonly code: string;
  readonly httpStatus?: number;
  /** By the server's clock. */
  readonly atMs: number;
}

/** A rejection, and until when nothing is sent because of it. */
interface Held {
  readonly rejection: Rejection;
  /** Rejections in a row, each after the wait of the one before. */
  readonly count: number;
  readonly untilMs: number;
}

/**
 * What is known of a client with one secret. One credential's rejection may be of its grant alone, whatever its code says, so
 * it holds back that credential; several, with no acceptance between them, are of the client and hold back all.
 */
export class SecretStanding {
  /** Rejected credentials that were not accepted since. */
  readonly #rejected = new Map<string, Held>();
  /** Those of them that were rejected since the last acceptance: the others are disproved, and speak for themselves only. */
  readonly #witnesses = new Set<string>();
  /** Credentials that were held back, and so look again. */
  readonly #held = new Set<string>();
  /** What holds back all. */
  #shared: Held | undefined;
  /** The client was rejected with another secret, and nobody knows whether it is with this one. */
  #isUntried: boolean;
  #triedBy: string | undefined;
  #metAtMs: number;

  constructor(isUntried: boolean, nowMs: number) {
    this.#isUntried = isUntried;
    this.#metAtMs = nowMs;
  }

  get isRejected(): boolean {
    return this.#shared !== undefined;
  }

  /** How many credentials look whether it is still rejected. */
  get held(): number {
    return this.#held.size;
  }

  /** Whether it says nothing that a secret of which nothing is known would not. */
  get isPlain(): boolean {
    return this.#rejected.size === 0 && !this.#isOnTrial && this.#triedBy === undefined;
  }

  /** Whether a request of the credential must wait for somebody else's verdict. */
  turn(credentialId: string, isAskedFor: boolean, nowMs: number): Rejection | 'send' | 'await' {
    this.#metAtMs = nowMs;
    const own = this.#rejected.get(credentialId);
    const hold = this.#holdOf(own, nowMs);
    if (hold !== undefined && !isAskedFor) {
      this.#held.add(credentialId);
      return hold.rejection;
    }
    // A credential that is asked for again and again must not take the others' trial.
    if (!this.#isOnTrial || (own !== undefined && isAskedFor)) return 'send';
    if (this.#triedBy !== undefined) return 'await';
    this.#triedBy = credentialId;
    return 'send';
  }

  rejected(credentialId: string, rejection: Rejection, nowMs: number): void {
    this.#metAtMs = nowMs;
    this.#held.add(credentialId);
    const own = this.#rejected.get(credentialId);
    this.#rejected.set(credentialId, next(own, rejection, nowMs));
    if (own === undefined) this.#witnesses.add(credentialId);
    const isWitness = this.#witnesses.has(credentialId);
    if (isWitness && this.#witnesses.size >= CLIENT_REJECTED_BY_MIN) {
      this.#shared = next(this.#shared, rejection, nowMs);
      this.#isUntried = false;
    }
    this.#endTrial(credentialId);
  }

  accepted(credentialId: string): void {
    this.#rejected.delete(credentialId);
    this.#witnesses.clear();
    this.#held.clear();
    this.#shared = undefined;
    this.#isUntried = false;
    this.#endTrial(credentialId);
  }

  /** A request is over that said nothing of the client; if it was the trial, another credential's is the next one. */
  undecided(credentialId: string, nowMs: number): void {
    if (this.#triedBy !== credentialId) return;
    this.#endTrial(credentialId);
    if (this.#shared === undefined) return;
    const untilMs = Math.max(this.#shared.untilMs, nowMs + CLIENT_UNDECIDED_MS);
    this.#shared = { ...this.#shared, untilMs };
  }

  /** A secret that was replaced is met no more. */
  isForgotten(nowMs: number): boolean {
    return this.#triedBy === undefined && this.#metAtMs + CLIENT_FORGOTTEN_MS < nowMs;
  }

  get #isOnTrial(): boolean {
    return this.#isUntried || this.#shared !== undefined;
  }

  /** Those that were rejected already are last to try it: what holds them back may be their own fault. */
  #holdOf(own: Held | undefined, nowMs: number): Held | undefined {
    if (own !== undefined && nowMs < own.untilMs) return own;
    if (this.#shared === undefined) return undefined;
    const graceMs = own === undefined ? 0 : clientLookMs({ held: this.#held.size, jitter: 0 });
    return nowMs < this.#shared.untilMs + graceMs ? this.#shared : undefined;
  }

  #endTrial(credentialId: string): void {
    if (this.#triedBy === credentialId) this.#triedBy = undefined;
  }
}

/** Requests that were on the way together are all rejected; that says no more than the first. */
function next(before: Held | undefined, rejection: Rejection, nowMs: number): Held {
  if (before !== undefined && nowMs < before.untilMs) return before;
  const count = (before?.count ?? 0) + 1;
  const untilMs = nowMs + clientRejectedDelayMs(count, Math.random());
  return { rejection, count, untilMs };
}
