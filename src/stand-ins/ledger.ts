/** What becomes of a secret that was spent: it lives on, it dies at once, or after a grace window. */
export type Rotation = 'none' | 'strict' | { readonly graceMs: number };

/** How many entries a log keeps: a stand-in may run for days. */
const LOG_ENTRIES = 1_000;

/** Adds to a log and forgets its oldest entry when it is full. */
export function remember<Entry>(log: Entry[], entry: Entry): void {
  log.push(entry);
  if (log.length > LOG_ENTRIES) log.shift();
}

/** The secrets that a stand-in issued and would accept. In memory only. */
export class SecretLedger {
  readonly #diesAtMs = new Map<string, number>();
  readonly #spent: string[] = [];
  #rotation: Rotation;

  constructor(rotation: Rotation) {
    this.#rotation = rotation;
  }

  /** Secrets in the order in which they were spent, the newest 1,000. */
  get spent(): readonly string[] {
    return this.#spent;
  }

  set rotation(rotation: Rotation) {
    this.#rotation = rotation;
  }

  /** Accepts a secret from now on, for ever where no expiry is given. */
  issue(secret: string, diesAtMs = Number.POSITIVE_INFINITY): string {
    this.#diesAtMs.set(secret, diesAtMs);
    return secret;
  }

  /** Spends a secret, if it is alive. */
  spend(secret: string, nowMs: number): boolean {
    const diesAtMs = this.#diesAtMs.get(secret);
    if (diesAtMs === undefined || nowMs >= diesAtMs) {
      this.#diesAtMs.delete(secret);
      return false;
    }
    remember(this.#spent, secret);
    const graceMs = this.#graceMs();
    if (graceMs === 0) this.#diesAtMs.delete(secret);
    else this.#diesAtMs.set(secret, Math.min(diesAtMs, nowMs + graceMs));
    return true;
  }

  /** Ends every secret, as a revoked grant does. */
  revokeAll(): void {
    this.#diesAtMs.clear();
  }

  #graceMs(): number {
    if (this.#rotation === 'none') return Number.POSITIVE_INFINITY;
    return this.#rotation === 'strict' ? 0 : this.#rotation.graceMs;
  }
}
