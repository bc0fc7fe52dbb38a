import { performance } from 'node:perf_hooks';
import { clientRejectedDelayMs } from '../policy/backoff.js';
import { trialWaitMs } from '../policy/client-look.js';
import { CLIENT_FORGOTTEN_MS, CLIENT_UNDECIDED_MS } from '../policy/fleet-numbers.js';
import type { Client } from './bound-credential.js';

/** How the provider rejected a client. */
export interface Rejection {
  /** Reviewed code. */
  readonly code: string;
  readonly httpStatus?: number;
  /** By the server's clock. */
  readonly atMs: number;
}

/** Whether a credential's request may go out, as far as its client is concerned. */
export type ClientTurn =
  | { readonly do: 'send' }
  | { readonly do: 'await-trial'; readonly waitMs: number }
  | { readonly do: 'refuse'; readonly rejection: Rejection; readonly held: number };

/** A client that was rejected with one secret. */
interface Rejected {
  readonly rejection: Rejection;
  /** Trials in a row that ended so. */
  readonly count: number;
  nextTrialAtMs: number;
  /** Credentials that were held back. */
  readonly held: Set<string>;
  metAtMs: number;
}

/** What is known of a client that was rejected at least once. */
interface Known {
  readonly secrets: Map<string, Rejected | 'accepted'>;
  /** Credential whose request tries the client now. */
  triedBy: string | undefined;
  /** How many have been sent away since that trial began. */
  awaiting: number;
}

/**
 * The clients that providers reject, as far as this process has met them. A rejection concerns every credential of the
 * client. So one request at a time tries the client: seldom while its secret stays the same, at once when the secret has
 * changed. The others send nothing. A new process knows nothing and finds out by one request.
 */
export class RejectedClients {
  readonly #clients = new Map<string, Known>();

  /** Says what becomes of a credential's request, and begins the trial where that request is to be it. */
  turn({ name, secret }: Client, credentialId: string, isAskedFor: boolean): ClientTurn {
    const known = this.#clients.get(name);
    if (known === undefined) return { do: 'send' };
    const found = known.secrets.get(secret);
    if (found === 'accepted') return { do: 'send' };
    const nowMs = performance.now();
    if (found !== undefined && nowMs < found.nextTrialAtMs && !isAskedFor) {
      found.held.add(credentialId);
      found.metAtMs = nowMs;
      return { do: 'refuse', rejection: found.rejection, held: found.held.size };
    }
    if (known.triedBy !== undefined) {
      known.awaiting += 1;
      return { do: 'await-trial', waitMs: trialWaitMs(known.awaiting) };
    }
    known.triedBy = credentialId;
    known.awaiting = 0;
    return { do: 'send' };
  }

  /** Records a rejection. Returns how many credentials are known to be of that client. */
  rejected({ name, secret }: Client, credentialId: string, rejection: Rejection): number {
    const nowMs = performance.now();
    const known = this.#clients.get(name) ?? unknownClient();
    this.#clients.set(name, known);
    const found = known.secrets.get(secret);
    const before = found === 'accepted' ? undefined : found;
    // Requests that were on the way together are all rejected; that says no more than the first.
    const isNews = before === undefined || nowMs >= before.nextTrialAtMs;
    const count = (before?.count ?? 0) + 1;
    const held = (before?.held ?? new Set<string>()).add(credentialId);
    if (isNews) {
      const nextTrialAtMs = nowMs + clientRejectedDelayMs(count, Math.random());
      known.secrets.set(secret, { rejection, count, nextTrialAtMs, held, metAtMs: nowMs });
    }
    this.#endTrial(known, credentialId);
    this.#forgetUnmet(nowMs);
    return held.size;
  }

  /** The provider granted a token, so every credential with this secret may ask. */
  accepted({ name, secret }: Client, credentialId: string): void {
    const known = this.#clients.get(name);
    if (known === undefined) return;
    known.secrets.set(secret, 'accepted');
    this.#endTrial(known, credentialId);
    if (![...known.secrets.values()].some((found) => found !== 'accepted')) {
      this.#clients.delete(name);
    }
  }

  /** Ends a request that said nothing of its client. If it was the trial, another credential makes the next one. */
  undecided({ name, secret }: Client, credentialId: string): void {
    const known = this.#clients.get(name);
    if (known?.triedBy !== credentialId) return;
    this.#endTrial(known, credentialId);
    const found = known.secrets.get(secret);
    if (found === undefined || found === 'accepted') return;
    found.nextTrialAtMs = Math.max(found.nextTrialAtMs, performance.now() + CLIENT_UNDECIDED_MS);
  }

  #endTrial(known: Known, credentialId: string): void {
    if (known.triedBy === credentialId) known.triedBy = undefined;
  }

  /** Forgets rejections that no credential has met for long, as after a secret was replaced. */
  #forgetUnmet(nowMs: number): void {
    for (const [name, { secrets, triedBy }] of this.#clients) {
      for (const [secret, found] of secrets) {
        const isUnmet = found !== 'accepted' && found.metAtMs + CLIENT_FORGOTTEN_MS < nowMs;
        if (isUnmet) secrets.delete(secret);
      }
      const isRejected = [...secrets.values()].some((found) => found !== 'accepted');
      if (!isRejected && triedBy === undefined) this.#clients.delete(name);
    }
  }
}

function unknownClient(): Known {
  return { secrets: new Map(), triedBy: undefined, awaiting: 0 };
}
