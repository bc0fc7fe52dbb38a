import type { EnsureFreshRequest, StatusAnswer, TokenAnswer } from '../../src/contract/messages.js';
import type { CredentialSummary, KeeperPort } from '../../src/client/keeper-port.js';
import { notFound } from '../../src/client/token-error.js';

/** A token answer whose token was issued at 0 and lives until `expiresAtMs`. */
export function answer(
  generation: number,
  expiresAtMs: number,
  more: Partial<TokenAnswer> = {},
): TokenAnswer {
  const token = { value: `token-${generation}`, tokenType: 'bearer', issuedAtMs: 0, expiresAtMs };
  return { id: 'a', provider: 'klavi', status: 'fresh', generation, token, ...more };
}

/** Keepers in memory: answers are what the test sets, and every question is counted. */
export class FakeKeepers implements KeeperPort {
  readonly answers = new Map<string, TokenAnswer>();
  readonly updates: EnsureFreshRequest[] = [];
  queries = 0;
  summaries: CredentialSummary[] = [];
  isClosed = false;
  /** Replaces the answer of every query while it is set. */
  onQuery: (() => Promise<TokenAnswer>) | undefined;
  /** What an update does; default: the next generation, living an hour longer. */
  onUpdate: ((id: string) => Promise<TokenAnswer>) | undefined;

  async token(id: string): Promise<TokenAnswer> {
    this.queries += 1;
    if (this.onQuery !== undefined) return this.onQuery();
    return this.#known(id);
  }

  async status(id: string): Promise<StatusAnswer> {
    const { token, lastFailure: _lastFailure, ...rest } = this.#known(id);
    return {
      ...rest,
      epoch: 1,
      ...(token === undefined ? {} : { expiresAtMs: token.expiresAtMs }),
      refreshing: false,
      awaitsRefresh: false,
      forcePending: false,
      failureStreak: 0,
    };
  }

  async ensureFresh(id: string, request: EnsureFreshRequest): Promise<TokenAnswer> {
    this.updates.push(request);
    if (this.onUpdate !== undefined) return this.onUpdate(id);
    const { generation, token } = this.#known(id);
    const fresh = answer(generation + 1, (token?.expiresAtMs ?? 0) + 3_600_000);
    this.answers.set(id, fresh);
    return fresh;
  }

  async list(): Promise<readonly CredentialSummary[]> {
    return this.summaries;
  }

  async close(): Promise<void> {
    this.isClosed = true;
  }

  #known(id: string): TokenAnswer {
    const known = this.answers.get(id);
    if (known === undefined) throw notFound(id);
    return known;
  }
}
