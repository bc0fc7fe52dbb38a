import { performance } from 'node:perf_hooks';
import { defined } from '../contract/defined.js';
import { trialWaitMs } from '../policy/client-look.js';
import { CLIENT_LOOK_MS } from '../policy/fleet-numbers.js';
import type { Client } from './bound-credential.js';
import { type Rejection, SecretStanding, type TurnFacts } from './secret-standing.js';

/** Whether a credential's request may go out, as far as its client is concerned. */
export type ClientTurn =
  | { readonly do: 'send' }
  | { readonly do: 'await-trial'; readonly waitMs: number }
  | {
      readonly do: 'refuse';
      readonly rejection: Rejection;
      readonly held: number;
      /** When it may try the client because its token is about to end. */
      readonly earlyInMs?: number;
    };

/** What is known of a client that was rejected at least once. */
interface Known {
  readonly secrets: Map<string, SecretStanding>;
  /** How many have been sent away since a trial began, by task queue: each has a rate limit of its own. */
  readonly awaiting: Map<string, number>;
}

/**
 * The clients that providers reject, as far as this process has met them. Once several credentials were rejected with a
 * secret, that concerns every credential that has it: one request at a time tries it, seldom, and the others send nothing.
 * Another secret is tried at once. All is forgotten with the process: then a few requests find it out again.
 */
export class RejectedClients {
  readonly #clients = new Map<string, Known>();
  #sweptAtMs = 0;

  /** Says what becomes of a credential's request, and begins the trial where that request is to be it. */
  turn({ name, secret }: Client, facts: TurnFacts): ClientTurn {
    const known = this.#clients.get(name);
    if (known === undefined) return { do: 'send' };
    const nowMs = performance.now();
    const standing = known.secrets.get(secret) ?? untried(known, secret, nowMs);
    const turn = standing?.turn(facts, nowMs) ?? 'send';
    if (turn === 'await') {
      const nth = (known.awaiting.get(facts.taskQueue) ?? 0) + 1;
      known.awaiting.set(facts.taskQueue, nth);
      return { do: 'await-trial', waitMs: trialWaitMs(nth, facts.limit) };
    }
    if (turn !== 'send') {
      const held = standing?.heldOf(facts.taskQueue) ?? 1;
      const earlyInMs = standing?.earlyInMs(facts, nowMs);
      return { do: 'refuse', rejection: turn, held, ...defined({ earlyInMs }) };
    }
    known.awaiting.clear();
    return { do: 'send' };
  }

  /** Records a rejection. Returns how many credentials of the task queue are known to be of that client. */
  rejected(
    { name, secret }: Client,
    facts: Pick<TurnFacts, 'credentialId' | 'taskQueue'>,
    rejection: Rejection,
  ): number {
    const nowMs = performance.now();
    const known: Known = this.#clients.get(name) ?? { secrets: new Map(), awaiting: new Map() };
    this.#clients.set(name, known);
    const standing = known.secrets.get(secret) ?? new SecretStanding(false, nowMs);
    known.secrets.set(secret, standing);
    standing.rejected(facts, rejection, nowMs);
    this.#forgetUnmet(nowMs);
    return standing.heldOf(facts.taskQueue);
  }

  /** The provider granted a token, so every credential with this secret may ask. */
  accepted({ name, secret }: Client, credentialId: string): void {
    const known = this.#clients.get(name);
    if (known === undefined) return;
    known.secrets.get(secret)?.accepted(credentialId);
    if ([...known.secrets.values()].every(({ isPlain }) => isPlain)) this.#clients.delete(name);
  }

  /** A request is over that said nothing of its client. */
  undecided({ name, secret }: Client, credentialId: string): void {
    const standing = this.#clients.get(name)?.secrets.get(secret);
    standing?.undecided(credentialId, performance.now());
  }

  /** Seldom: each credential may have a client of its own, and all of a fleet be rejected. */
  #forgetUnmet(nowMs: number): void {
    if (nowMs < this.#sweptAtMs + CLIENT_LOOK_MS) return;
    this.#sweptAtMs = nowMs;
    for (const [name, { secrets }] of this.#clients) {
      for (const [secret, standing] of secrets) {
        if (standing.isForgotten(nowMs)) secrets.delete(secret);
      }
      if (secrets.size === 0) this.#clients.delete(name);
    }
  }
}

/** A secret that is met for the first time, of a client that is rejected with another one. */
function untried({ secrets }: Known, secret: string, nowMs: number): SecretStanding | undefined {
  if (![...secrets.values()].some(({ isRejected }) => isRejected)) return undefined;
  const standing = new SecretStanding(true, nowMs);
  secrets.set(secret, standing);
  return standing;
}
