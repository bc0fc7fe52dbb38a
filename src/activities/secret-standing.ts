import { defined } from '../contract/defined.js';
import { clientRejectedDelayMs } from '../policy/backoff.js';
import { clientLookMs, earlyTrialDelayMs } from '../policy/client-look.js';
import {
  CLIENT_FORGOTTEN_MS,
  CLIENT_REJECTED_BY_MAX,
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

/** Whose request it is, and what depends on it. */
export interface TurnFacts {
  readonly credentialId: string;
  /** Where it waits for its next look: each task queue has a rate limit of its own. */
  readonly taskQueue: string;
  /** An operator asked for it, and its one request has not gone out yet. */
  readonly isAskedFor: boolean;
  /** Life that is left of its token, in milliseconds; absent if it has none. */
  readonly tokenLeftMs?: number;
  /** Attempts a second that the task queue hands out, where it is limited. */
  readonly limit?: number;
}

/**
 * What is known of a client with one secret. One credential's rejection may be of its grant alone, whatever its code says, so
 * it holds back that credential; several, with no acceptance between them, are of the client and hold back all.
 */
export class SecretStanding {
  /** Rejected credentials that were not accepted since. */
  readonly #rejected = new Map<string, Held>();
  /** Those of them that were rejected since the last acceptance. Only these count against the client. */
  readonly #witnesses = new Set<string>();
  /** So many of these hold back all. */
  #witnessesNeeded = CLIENT_REJECTED_BY_MIN;
  /** Credentials that were held back, and so look again, by task queue: thousands may be, and each look asks how many. */
  readonly #held = new Map<string, Set<string>>();
  /** What holds back all. */
  #shared: Held | undefined;
  /** The client was rejected with another secret, and nobody knows whether it is with this one. */
  #isUntried: boolean;
  #triedBy: string | undefined;
  #metAtMs: number;
  /** How many credentials were rejected one after another, and from when on the next may try the client early. */
  #early = { count: 0, fromMs: 0 };

  constructor(isUntried: boolean, nowMs: number) {
    this.#isUntried = isUntried;
    this.#metAtMs = nowMs;
  }

  get isRejected(): boolean {
    return this.#shared !== undefined;
  }

  /** How many credentials of a task queue look whether it is still rejected. */
  heldOf(taskQueue: string): number {
    return this.#held.get(taskQueue)?.size ?? 0;
  }

  /** Whether it is as one that was never seen, so that it can be forgotten. */
  get isPlain(): boolean {
    return this.#rejected.size === 0 && !this.#isOnTrial && this.#triedBy === undefined;
  }

  /** Whether a request of the credential must wait for somebody else's verdict. */
  turn(facts: TurnFacts, nowMs: number): Rejection | 'send' | 'await' {
    const { credentialId, isAskedFor } = facts;
    this.#metAtMs = nowMs;
    const own = this.#rejected.get(credentialId);
    const hold = this.#holdOf(own, facts, nowMs);
    if (hold !== undefined && !isAskedFor && this.earlyInMs(facts, nowMs) !== 0) {
      this.#hold(facts);
      return hold.rejection;
    }
    // A credential that is asked for again and again must not take the others' trial.
    if (!this.#isOnTrial || (own !== undefined && isAskedFor)) return 'send';
    if (this.#triedBy !== undefined) return 'await';
    this.#triedBy = credentialId;
    return 'send';
  }

  /**
   * Milliseconds until a credential that was not rejected itself may try the client before the others' trial; `undefined` if its
   * token outlives its next look. Such a token is not given up on the word of others, whose grants alone may be refused.
   */
  earlyInMs(facts: TurnFacts, nowMs: number): number | undefined {
    const { credentialId, tokenLeftMs = 0 } = facts;
    const isNearItsEnd = tokenLeftMs > 0 && tokenLeftMs <= this.#lookMs(facts);
    if (!isNearItsEnd || this.#rejected.has(credentialId)) return undefined;
    return Math.max(this.#early.fromMs - nowMs, 0);
  }

  /** Records a rejection of the credential's request. */
  rejected(
    { credentialId, taskQueue }: Pick<TurnFacts, 'credentialId' | 'taskQueue'>,
    rejection: Rejection,
    nowMs: number,
  ): void {
    this.#metAtMs = nowMs;
    this.#hold({ credentialId, taskQueue });
    const own = this.#rejected.get(credentialId);
    // Last again, so that the first are those that nobody has met for longest.
    this.#rejected.delete(credentialId);
    this.#rejected.set(credentialId, next(own, rejection, nowMs));
    this.#forgetUnmet(nowMs);
    if (own === undefined) this.#witnesses.add(credentialId);
    const isWitness = this.#witnesses.has(credentialId);
    if (isWitness && this.#witnesses.size >= this.#witnessesNeeded) {
      this.#shared = next(this.#shared, rejection, nowMs);
      this.#isUntried = false;
    }
    // One that is refused again and again must not put off the early trials of others.
    if (own === undefined && nowMs >= this.#early.fromMs) {
      const count = this.#early.count + 1;
      this.#early = { count, fromMs: nowMs + earlyTrialDelayMs(count) };
    }
    this.#endTrial(credentialId);
  }

  accepted(credentialId: string): void {
    if (this.#shared !== undefined) {
      this.#witnessesNeeded = Math.min(2 * this.#witnessesNeeded, CLIENT_REJECTED_BY_MAX);
    }
    this.#rejected.delete(credentialId);
    this.#witnesses.clear();
    this.#held.clear();
    this.#shared = undefined;
    this.#isUntried = false;
    this.#early = { count: 0, fromMs: 0 };
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
  #holdOf(own: Held | undefined, facts: TurnFacts, nowMs: number): Held | undefined {
    if (own !== undefined && nowMs < own.untilMs) return own;
    if (this.#shared === undefined) return undefined;
    const graceMs = own === undefined ? 0 : this.#lookMs(facts);
    return nowMs < this.#shared.untilMs + graceMs ? this.#shared : undefined;
  }

  #lookMs({ taskQueue, limit }: TurnFacts): number {
    return clientLookMs({ held: this.heldOf(taskQueue), jitter: 0, ...defined({ limit }) });
  }

  #hold({ credentialId, taskQueue }: Pick<TurnFacts, 'credentialId' | 'taskQueue'>): void {
    const held = this.#held.get(taskQueue) ?? new Set();
    this.#held.set(taskQueue, held.add(credentialId));
    // It may have been given another group.
    for (const [queue, others] of this.#held) if (queue !== taskQueue) others.delete(credentialId);
  }

  /** A credential that was stopped is met no more, though its client may be, for as long as the process lives. */
  #forgetUnmet(nowMs: number): void {
    for (const [credentialId, { untilMs }] of this.#rejected) {
      if (untilMs + CLIENT_FORGOTTEN_MS >= nowMs) return;
      this.#rejected.delete(credentialId);
    }
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
