/**
 * What becomes of a secret that was spent: it lives on, it dies at once, or after a grace window. One that is
 * presented after its death takes its successors along, where the provider issues any (RFC 9700, section 4.14.2).
 */
export type Rotation = 'none' | 'strict' | { readonly graceMs: number };

/** How many entries a log keeps: a stand-in may run for days. */
const LOG_ENTRIES = 1_000;

/** Adds to a log and forgets its oldest entry, which it returns, when it is full. */
export function remember<Entry>(log: Entry[], entry: Entry): Entry | undefined {
  log.push(entry);
  return log.length > LOG_ENTRIES ? log.shift() : undefined;
}

/** The secrets that a stand-in issued and would accept. In memory only. */
export class IssuedSecrets {
  readonly #diesAtMs = new Map<string, number>();
  /** Secrets that came of one login, by each of them; what is forgotten as spent is forgotten here too. */
  readonly #families = new Map<string, Set<string>>();
  readonly #spent: string[] = [];
  #rotation: Rotation;

  constructor(rotation: Rotation) {
    this.#rotation = rotation;
  }

  /** Secrets in the order in which they were spent, the newest 1,000. */
  get spent(): readonly string[] {
    return this.#spent;
  }

  /** How many secrets are kept. */
  get size(): number {
    return this.#diesAtMs.size;
  }

  set rotation(rotation: Rotation) {
    this.#rotation = rotation;
  }

  /** Accepts a secret from now on, for ever where no expiry is given. */
  issue(secret: string, diesAtMs = Number.POSITIVE_INFINITY): string {
    this.#diesAtMs.set(secret, diesAtMs);
    return secret;
  }

  /** Accepts the successor of a secret that was just spent. */
  succeed(spent: string, successor: string): string {
    const family = this.#families.get(spent) ?? new Set([spent]);
    family.add(successor);
    this.#families.set(spent, family).set(successor, family);
    return this.issue(successor);
  }

  /** Spends a secret, if it is alive. */
  spend(secret: string, nowMs: number): boolean {
    const diesAtMs = this.#diesAtMs.get(secret);
    if (diesAtMs === undefined || nowMs >= diesAtMs) {
      this.revoke(secret);
      return false;
    }
    this.#forget(remember(this.#spent, secret));
    this.#forgetDead(nowMs);
    const graceMs = this.#graceMs();
    if (graceMs === 0) this.#diesAtMs.delete(secret);
    else this.#diesAtMs.set(secret, Math.min(diesAtMs, nowMs + graceMs));
    return true;
  }

  /** Ends a secret and what came of the same login. One that is not known is taken for ended (RFC 7009, section 2.2). */
  revoke(secret: string): void {
    this.#diesAtMs.delete(secret);
    for (const relative of this.#families.get(secret) ?? []) this.#diesAtMs.delete(relative);
  }

  /** Ends every secret, as a revoked grant does. */
  revokeAll(): void {
    this.#diesAtMs.clear();
  }

  /** What is not spent dies on its own: each token of a provider that does not rotate. */
  #forgetDead(nowMs: number): void {
    for (const [secret, diesAtMs] of this.#diesAtMs) {
      if (nowMs >= diesAtMs) this.#diesAtMs.delete(secret);
    }
  }

  #forget(secret: string | undefined): void {
    if (secret === undefined) return;
    this.#families.get(secret)?.delete(secret);
    this.#families.delete(secret);
  }

  #graceMs(): number {
    if (this.#rotation === 'none') return Number.POSITIVE_INFINITY;
    return this.#rotation === 'strict' ? 0 : this.#rotation.graceMs;
  }
}
