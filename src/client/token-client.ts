import { defined } from '../contract/defined.js';
import type { TokenAnswer } from '../contract/messages.js';
import { hasEnded, statusAsOf } from '../policy/status.js';
import { isValidFor } from '../policy/validity.js';
import { abortable } from './abortable.js';
import { accessToken, hasToken } from './access-token.js';
import type { AccessToken, KnownToken } from './access-token.js';
import { authorizedFetch } from './authorized-fetch.js';
import { endedKeeperError } from './ended-keeper.js';
import type { CredentialStatus, CredentialSummary, KeeperPort } from './keeper-port.js';
import type { GetOptions, ListFilter, RefreshOptions } from './options.js';
import { successorWaitMs, withinReaderWait } from './reader-wait.js';
import { SingleFlight } from './single-flight.js';
import { TokenCache } from './token-cache.js';
import type { CachedToken } from './token-cache.js';
import { TokenError } from './token-error.js';
import { isVouchedFor, minValidityOf, refuseNonsense, satisfiesWant } from './want.js';
import type { Want } from './want.js';

/**
 * Reads tokens for a service. Make one client per process. It answers from memory, and asks a keeper once per token,
 * however many callers wait. While Temporal is away it goes on answering with a token that is still valid. Every method
 * rejects with a `TokenError`; a method that rejects with anything else says so.
 */
export class TokenClient {
  readonly #keepers: KeeperPort;
  readonly #nowMs: () => number;
  readonly #cache: TokenCache;
  readonly #queries = new SingleFlight<TokenAnswer>();
  readonly #updates = new SingleFlight<TokenAnswer>();

  /**
   * @param nowMs the reader's clock, in milliseconds since the epoch; it judges validity. A clock that is some seconds
   *   off does no harm, since a reader asks for a token that lives longer than that.
   * @param cache the tokens in memory. By a monotonic clock it limits how long each is served.
   */
  constructor(keepers: KeeperPort, nowMs: () => number = Date.now, cache = new TokenCache()) {
    this.#keepers = keepers;
    this.#nowMs = nowMs;
    this.#cache = cache;
  }

  /**
   * Returns a token of the wanted validity, and refreshes it first if need be. Waits at most 30 s. Rejects with an
   * `UnsatisfiableValidityError` (a `RangeError`) if no fresh token lives that long or the value is negative or no finite
   * number, and with the signal's reason if the signal fires.
   */
  async get(id: string, options: GetOptions = {}): Promise<AccessToken> {
    refuseNonsense(options);
    const nowMs = this.#nowMs();
    const cached = this.#cache.get(id, nowMs);
    const serves =
      cached !== undefined &&
      (satisfiesWant(cached.known, options, nowMs) || isVouchedFor(cached, options));
    if (serves) {
      this.#lookAgainWhenDue(cached, nowMs);
      return cached.accessToken;
    }
    return this.#judged(await this.#getAnew(id, options));
  }

  /**
   * Forces a refresh and returns its token. Callers who name the same generation share one refresh. Forced refreshes of
   * a credential are at least 10 s apart. Waits at most 30 s and then rejects with `NOT_FRESH_IN_TIME`; the refresh
   * itself goes on. Rejects with the signal's reason if the signal fires, and with a `RangeError` if the generation is no
   * finite number.
   */
  async refresh(id: string, options: RefreshOptions = {}): Promise<AccessToken> {
    refuseNonsense(options);
    const known = await withinReaderWait(id, options.signal, (ends) =>
      this.#refresh(id, options.afterGeneration, ends),
    );
    return this.#judged(known);
  }

  /**
   * Returns the state of the credential, without secrets, also after its keeper has ended, until the namespace's
   * retention is over.
   */
  async status(id: string): Promise<CredentialStatus> {
    const answer = await this.#keepers.status(id);
    return {
      ...answer,
      status: statusAsOf(answer.status, answer.expiresAtMs, this.#nowMs()),
    };
  }

  /**
   * Returns the credentials that match the filter, sorted by id. The list lags by moments. In its errors `credentialId`
   * is `*`.
   */
  async list(filter: ListFilter = {}): Promise<readonly CredentialSummary[]> {
    const nowMs = this.#nowMs();
    const all = (await this.#keepers.list()).map((summary) =>
      summary.status === undefined
        ? summary
        : { ...summary, status: statusAsOf(summary.status, summary.expiresAtMs, nowMs) },
    );
    return all
      .filter(({ status }) => filter.status === undefined || status === filter.status)
      .filter(({ provider }) => filter.provider === undefined || provider === filter.provider)
      .sort((left, right) => (left.id < right.id ? -1 : 1));
  }

  /**
   * `fetch` with the credential's token in the `Authorization` header. On a 401 it forces one refresh and sends the
   * request once more. It returns the 401 if no fresh token comes, or if the body is a stream, which can be read only
   * once. The signal of `init` also ends the waits for tokens. Rejects as `fetch` does, and with a `TypeError` for an
   * address that is neither https nor loopback, or that holds a user name or password.
   */
  fetch(id: string, input: string | URL | Request, init: RequestInit = {}): Promise<Response> {
    return authorizedFetch(this, id, input, init);
  }

  /** Ends the connection to Temporal. */
  close(): Promise<void> {
    return this.#keepers.close();
  }

  async #getAnew(id: string, { minValidityMs, signal }: GetOptions): Promise<KnownToken> {
    const want = defined({ minValidityMs });
    const nowMs = this.#nowMs();
    const waitMs = successorWaitMs(want, this.#cache.get(id, nowMs)?.known.token, nowMs);
    try {
      return await withinReaderWait(id, signal, (ends) => this.#wait(id, want, ends), waitMs);
    } catch (error) {
      const last = this.#cache.get(id, this.#nowMs())?.known;
      const isGoodEnough =
        minValidityMs === undefined &&
        last !== undefined &&
        isValidFor(last.token, 0, this.#nowMs());
      if (error instanceof TokenError && isGoodEnough) return last;
      throw error;
    }
  }

  async #refresh(
    id: string,
    afterGeneration: number | undefined,
    ends: AbortSignal,
  ): Promise<KnownToken> {
    const cached = this.#cache.get(id, this.#nowMs())?.known;
    const fence = { minValidityMs: 0, ...defined({ afterGeneration }) };
    if (afterGeneration !== undefined && cached !== undefined && this.#satisfies(cached, fence)) {
      return cached;
    }
    const answer = await abortable(this.#ask(id), ends);
    // The answer may be late: to a question that went out before the token that did not work had come.
    const { generation } = this.#current(id) ?? answer;
    // After a reset, or where the keeper was made anew, the caller may know a later generation than the keeper: the current
    // one is then meant.
    const newest = Math.min(afterGeneration ?? generation, generation);
    return this.#wait(id, { minValidityMs: 0, afterGeneration: newest }, ends);
  }

  async #wait(id: string, want: Want, ends: AbortSignal): Promise<KnownToken> {
    for (;;) {
      const known = await abortable(this.#askOrUpdate(id, want, ends), ends);
      if (known !== undefined) return known;
    }
  }

  /** One turn of waiting: a cheap query first, since ten updates at most may wait in a keeper. */
  async #askOrUpdate(id: string, want: Want, ends: AbortSignal): Promise<KnownToken | undefined> {
    // What an earlier keeper made counts otherwise, so it says nothing of a token after a generation.
    const cached =
      want.afterGeneration === undefined
        ? this.#cache.get(id, this.#nowMs())?.known
        : this.#current(id);
    if (cached !== undefined && this.#satisfies(cached, want)) return cached;
    const answer = await this.#ask(id);
    if (this.#satisfies(answer, want)) return answer;
    if (hasEnded(answer.status)) throw endedKeeperError(answer, this.#nowMs());
    // An update may cost a refresh, and whoever wanted one may wait no more.
    ends.throwIfAborted();
    // Of a token that is read only now, the caller's own wait knows nothing.
    const waitMs = successorWaitMs(want, answer.token, this.#nowMs());
    const update = this.#update(id, want, answer);
    return withinReaderWait(id, undefined, (over) => abortable(update, over), waitMs);
  }

  /** The token in memory, if its keeper is known to be the current one. */
  #current(id: string): KnownToken | undefined {
    const cached = this.#cache.get(id, this.#nowMs());
    return cached?.isFormer === true ? undefined : cached?.known;
  }

  #ask(id: string): Promise<TokenAnswer> {
    return this.#queries.run(id, () => this.#kept(() => this.#keepers.token(id)));
  }

  /** Takes what the keeper grants as it is: in an update the keeper's clock is live, and better than ours. */
  async #update(id: string, want: Want, current: TokenAnswer): Promise<KnownToken | undefined> {
    const { generation } = current;
    const request = { ...want, generation, minValidityMs: minValidityOf(want, current) };
    const key = JSON.stringify([id, request]);
    try {
      const granted = await this.#updates.run(key, () =>
        this.#kept(
          () => this.#keepers.ensureFresh(id, request),
          // By a clock that runs ahead it would be asked for again at once, and by every caller.
          (answer) => (this.#satisfies(answer, want) ? 0 : request.minValidityMs),
        ),
      );
      return hasToken(granted) ? granted : undefined;
    } catch (error) {
      if (error instanceof TokenError && error.code === 'NOT_FRESH_IN_TIME') return undefined;
      throw error;
    }
  }

  async #kept(
    question: () => Promise<TokenAnswer>,
    vouchedMsOf: (answer: TokenAnswer) => number = () => 0,
  ): Promise<TokenAnswer> {
    const askedAt = this.#cache.ask();
    const answer = await question();
    this.#cache.keep(answer, askedAt, vouchedMsOf(answer));
    return answer;
  }

  #judged(known: KnownToken): AccessToken {
    const status = statusAsOf(known.status, known.token.expiresAtMs, this.#nowMs());
    return accessToken({ ...known, status });
  }

  #satisfies(answer: TokenAnswer, want: Want): answer is KnownToken {
    return satisfiesWant(answer, want, this.#nowMs());
  }

  /** Some providers end the old token when they grant the new one, so one that may be due is asked about, but never waited for. */
  #lookAgainWhenDue({ known, isOld }: CachedToken, nowMs: number): void {
    const { id, nextRefreshAtMs } = known;
    if (!isOld && (nextRefreshAtMs === undefined || nowMs < nextRefreshAtMs)) return;
    if (this.#cache.takesLook(id, nowMs)) this.#ask(id).catch(() => undefined);
  }
}
